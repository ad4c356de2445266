import { monitorEventLoopDelay } from 'node:perf_hooks'
import { startFixture, until } from '#test/gateway/fixture.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'

const never = `setInterval(() => {}, 1000); process.on('disconnect', () => process.exit())`
const broken = `require('node:fs').appendFileSync(process.env.STARTS, Date.now() + '\\n'); process.exit(3)`
const WAITERS = 20
/** Five for nothing, then three that wait for their pause. */
const STARTS = 8

/** One hangs at its start, one dies at its start; nobody who waits is told that it went well. */
export const t37: Row = {
  id: 'T37',
  buses: ['none'],
  what: 'a function that never gets ready',
  needs: [],
  async run(stage) {
    // The platform's own limits in full; in ci a tenth of them.
    const waitMs = stage.scaled(30_000, 3_000)
    const limits = { maxWaitMs: waitMs, startMs: waitMs, firstPauseMs: stage.scaled(1_000, 400) }
    const fixture = await startFixture({ functions: { never, broken }, limits })
    stage.atEnd(() => fixture.stop())
    const wait = async (name: string) => {
      const began = performance.now()
      const { status } = await fetch(`${fixture.gateway.url}/function/${name}`, { method: 'POST' })
      return { status, ms: performance.now() - began }
    }
    const loop = monitorEventLoopDelay({ resolution: 20 })
    loop.enable()
    const callers = ['never', 'broken'].flatMap((name) => Array.from({ length: WAITERS }, () => wait(name)))
    const answers = await Promise.all(callers)
    loop.disable()
    const lagMs = loop.max / 1e6
    await until('the hanging one was killed', () =>
      fixture.changes.some((line) => line.includes('never: replica 1 ended (SIGKILL)')),
    )
    // More callers keep asking for a start, so that the pauses show.
    let more = 0
    for (; fixture.starts().length < STARTS && more < 3 * STARTS; more++) await wait('broken')
    const starts = fixture.starts()
    const pauses = starts.slice(5).map((at, i) => at - (starts[i + 4] as number))
    const statuses = countStatuses(answers.map(({ status }) => status))
    const worst = Math.max(...answers.map(({ ms }) => Math.abs(ms - waitMs)))
    // A slow machine makes them longer, never shorter.
    const doubling = pauses.length >= 2 && pauses.every((pause, i) => pause >= limits.firstPauseMs * 2 ** i)
    const speed = ofSpeed(
      stage,
      criterion(
        `at ${waitMs / 1000} s ± 1, and what this process was late itself`,
        `${Math.round(worst)} ms off at most, ${Math.round(lagMs)} ms late`,
        worst <= 1_000 + lagMs,
      ),
    )
    return {
      events: answers.length + more,
      fired: fixture.changes.filter((line) => line.includes('ended')).length,
      criteria: [
        criterion('all answered 504', statusText(statuses), statuses[504] === answers.length),
        criterion(
          `pauses from the 6th start on ≥ ${limits.firstPauseMs} ms, doubling`,
          `${pauses.join(', ')} ms`,
          doubling,
        ),
        ...speed.criteria,
      ],
      notes: speed.notes,
    }
  },
}
