import { startLoad } from '#test/replicas/load.ts'
import { criterion, type Row } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

const REQUESTS = 10_000

/** All wait for one start. */
export const t35: Row = {
  id: 'T35',
  buses: ['none'],
  what: '10,000 concurrent requests of a cold function',
  needs: [],
  async run(stage) {
    const town = await openTown(stage, bareGround(stage), {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', replicas: 2 }],
    })
    const load = startLoad({ url: `${town.url}/function/unruly/ok`, count: REQUESTS })
    const [statuses, p99] = await Promise.all([load.statuses, load.p99])
    const { coldStarts = 0, allCrashes = 0 } = town.pools.get('unruly')?.counts() ?? {}
    return {
      events: REQUESTS,
      fired: coldStarts,
      criteria: [
        criterion('all answered 200', statusText(statuses), statuses[200] === REQUESTS),
        criterion('one cold start', coldStarts, coldStarts === 1 && allCrashes === 0),
        criterion('p99 ≤ 8 s', `${Math.round(p99)} ms`, p99 <= 8_000),
      ],
    }
  },
}
