import { startLoad } from '#test/replicas/load.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

/** What a cold start itself may add to the p99. */
const COLD_MS = 2_000

/** All wait for one start. How fast the machine is, the same requests of the function say once it is warm. */
export const t35: Row = {
  id: 'T35',
  buses: ['none'],
  what: '10,000 concurrent requests of a cold function',
  needs: [],
  async run(stage) {
    const town = await openTown(stage, bareGround(stage), {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', replicas: 2 }],
      execTimeoutMs: 60_000,
    })
    const requests = stage.scaled(10_000, 1_000)
    const post = async () => {
      const { statuses, p99, most } = startLoad({ url: `${town.url}/function/unruly/ok`, count: requests })
      return { statuses: await statuses, p99: await p99, most: await most }
    }
    const cold = await post()
    const { coldStarts = 0, allCrashes = 0 } = town.pools.get('unruly')?.counts() ?? {}
    const warm = await post()
    const speed = ofSpeed(
      stage,
      criterion(
        `p99 ≤ 2 × that of the warm function + ${COLD_MS / 1000} s`,
        `${Math.round(cold.p99)} ms, ${Math.round(warm.p99)} ms`,
        cold.p99 <= 2 * warm.p99 + COLD_MS,
      ),
    )
    return {
      events: requests,
      fired: coldStarts,
      criteria: [
        criterion('all answered 200', statusText(cold.statuses), cold.statuses[200] === requests),
        criterion('one cold start', coldStarts, coldStarts === 1 && allCrashes === 0),
        ...speed.criteria,
      ],
      notes: [
        ...speed.notes,
        { what: 'p99 ≤ 8 s', value: cold.p99 <= 8_000 ? 'yes' : 'no, on this machine as it was' },
        { what: 'open at once', value: cold.most },
      ],
    }
  },
}
