import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'
import { openSite } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'

const MINUTE = 60_000

/** A schedule of every 5 minutes in city time, which the row moves; two connectors want to fire it. */
export const t50: Row = {
  id: 'T50',
  buses: ['none'],
  what: 'a schedule missed for 3 h; two schedulers',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    let city = Date.parse('2026-03-02T08:00:00Z')
    const clock = { now: async () => new Date(city) }
    const town = await openTown(stage, site, {
      functions: [
        {
          name: 'unruly',
          folder: 'test/functions/unruly',
          schedule: { cron: '*/5 * * * *', timezone: 'UTC' },
        },
      ],
    })
    const runs = async () =>
      (await site.database.query<{ id: string }>('select id from counted order by at')).rows.map(({ id }) => id)
    const first = town.connect({ clock })
    await until(
      'the schedule is known',
      async () => (await site.database.query('select 1 from schedule')).rows.length === 1,
    )
    await first.stop()
    city += 180 * MINUTE
    for (let i = 0; i < 2; i++) town.connect({ clock })
    await until('it has run', async () => (await runs()).length > 0)
    await delay(stage.scaled(10_000, 1_500))
    const missed = await runs()
    const expected = [new Date(city).toISOString()]
    const steps = stage.scaled(100, 12)
    for (let step = 0; step < steps; step++) {
      city += 5 * MINUTE
      expected.push(new Date(city).toISOString())
      await until('the next tick has run', async () => (await runs()).length >= expected.length)
    }
    await delay(stage.scaled(5_000, 1_000))
    const all = await runs()
    const twice = all.length - new Set(all).size
    return {
      events: expected.length,
      fired: 36 + steps,
      criteria: [
        criterion('runs after 3 h (36 ticks) missed', missed.join(), missed.join() === expected[0]),
        criterion('ticks run twice', twice, twice === 0),
        criterion('every later tick ran', all.length, all.join() === expected.join()),
      ],
    }
  },
}
