import { until } from '#test/e2e/runtime.ts'
import { startLoad } from '#test/replicas/load.ts'
import { criterion, type Row } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

/** One replica more, then the older one drains, as a platform rolls out a new version. */
export const t43: Row = {
  id: 'T43',
  buses: ['none'],
  what: 'rolling redeploy under 100 requests/s',
  needs: [],
  async run(stage) {
    const town = await openTown(stage, bareGround(stage), {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', replicas: 2 }],
    })
    const pool = town.pools.get('unruly')
    const load = startLoad({ url: `${town.url}/function/unruly/wait/50`, perSecond: 100 })
    await until('it is ready', async () => pool?.counts().ready === 1)
    const rounds = stage.scaled(30, 5)
    for (let round = 0; round < rounds; round++) {
      const [old] = pool?.pids() ?? []
      pool?.scale(2)
      await until('the new one is ready', async () => pool?.counts().ready === 2)
      process.kill(old as number, 'SIGTERM')
      await until('the old one is gone', async () => !pool?.pids().includes(old as number))
    }
    load.end()
    const statuses = await load.statuses
    return {
      events: Object.values(statuses).reduce((sum, n) => sum + n, 0),
      fired: rounds,
      criteria: [criterion('answers other than 200', statusText(statuses), Object.keys(statuses).join() === '200')],
    }
  },
}
