/** A function that the clock calls: it tells in its log of each tick. */
export function scheduleFunction(name, schedule, timezone) {
  return {
    comment: `${timezone === undefined ? schedule : `${schedule} in ${timezone}`} → its log`,
    annotations: {
      'city.junction.schedule': schedule,
      ...(timezone === undefined ? {} : { 'city.junction.timezone': timezone }),
    },
    says: {
      'handler.ts': 'what it does at each tick',
      'report.ts': 'what it tells of a tick: begin here',
      'report.test.ts': `its test: npm test functions/${name}`,
    },
    look: `see it tick: bin/junction logs ${name}`,
    files: {
      'handler.ts': `import { defineFunction } from '#shared/function/define.ts'
import { report } from './report.ts'

/** Tells in its log of each tick of its schedule in stack.yml. */
export default defineFunction({
  name: '${name}',
  async onSchedule({ plannedAt }, { now, log }) {
    log.info(report(plannedAt, now()), 'tick')
    // What a function gives to a topic of its \`produces\` it returns: { events: [{ topic, data }] }.
    return undefined
  },
})
`,
      'report.ts': `/** What is told of a tick: the instant it was planned for, and how long after it the call came, both in city time. */
export const report = (plannedAt: Date, now: Date) => ({
  plannedAt: plannedAt.toISOString(),
  lateMs: now.getTime() - plannedAt.getTime(),
})
`,
      'report.test.ts': `import { expect, it } from '@jest/globals'
import { report } from './report.ts'

it('tells when a tick was planned, and how late it came', () => {
  const tick = report(new Date('2026-03-02T08:00:00Z'), new Date('2026-03-02T08:00:00.250Z'))
  expect(tick).toEqual({ plannedAt: '2026-03-02T08:00:00.000Z', lateMs: 250 })
})
`,
    },
  }
}
