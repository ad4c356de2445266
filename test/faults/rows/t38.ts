import { simulate } from '#runtime/replicas/simulation.ts'
import { functionSource, startFixture } from '#test/gateway/fixture.ts'
import { callAtRetirement, RETIREMENT_MS } from '#test/replicas/retirement.ts'
import { criterion, type Row } from '../row.ts'

const answer = functionSource(
  `(request, response) => { request.resume(); request.on('end', () => response.end('ok')) }`,
)

/** The state machine by itself, then real processes. */
export const t38: Row = {
  id: 'T38',
  buses: ['none'],
  what: 'requests at each moment around retirement',
  needs: [],
  async run(stage) {
    const runs = stage.scaled(1_000_000, 200_000)
    const simulated = simulate({ runs, seed: stage.seed })
    // A rule that retires too early must be seen, or the simulation sees nothing.
    const wrong = simulate({
      runs: 10_000,
      seed: stage.seed,
      mayRetire: (replica, now, idleMs) => now - replica.lastTouch > idleMs,
    })
    const rounds = stage.scaled(200, 60)
    const fixture = await startFixture({ functions: { f: answer }, idleMs: RETIREMENT_MS })
    stage.atEnd(() => fixture.stop())
    const { failed, retired, living } = await callAtRetirement(rounds, fixture)
    return {
      events: simulated.calls + retired + living,
      fired: simulated.metDraining + retired,
      criteria: [
        criterion(
          `laws broken in ${runs} interleavings`,
          simulated.violations.join() || 'none',
          simulated.violations.length === 0,
        ),
        criterion('a wrong rule is caught', wrong.violations.join() || 'not', wrong.violations.length > 0),
        criterion('requests that failed', failed.join() || 'none', failed.length === 0),
        criterion(
          'rounds that met a retired process, and a living one',
          `${retired}, ${living}`,
          Math.min(retired, living) > rounds / 10,
        ),
      ],
    }
  },
}
