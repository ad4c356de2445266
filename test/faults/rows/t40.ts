import { setTimeout as delay } from 'node:timers/promises'
import { alive } from '#test/e2e/processes.ts'
import { until } from '#test/e2e/runtime.ts'
import { startLoad } from '#test/replicas/load.ts'
import { criterion, type Row } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

const WORK_MS = 300

/** SIGTERM from outside, of which the gateway knows nothing beforehand: the process drains, calls go to the next one. */
export const t40: Row = {
  id: 'T40',
  buses: ['none'],
  what: 'SIGTERM of a function under 100 requests/s',
  needs: [],
  async run(stage) {
    const town = await openTown(stage, bareGround(stage), {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', replicas: 2 }],
    })
    const pool = town.pools.get('unruly')
    const load = startLoad({ url: `${town.url}/function/unruly/wait/${WORK_MS}`, perSecond: 100 })
    const rounds = stage.scaled(50, 6)
    const ends: number[] = []
    for (let round = 0; round < rounds; round++) {
      await until('it is at work, and none other starts', async () => {
        const { ready = 0, starting = 0, draining = 0, inflight = 0 } = pool?.counts() ?? {}
        const [pid = 0] = pool?.pids() ?? []
        return ready === 1 && starting + draining === 0 && inflight > 5 && alive(pid)
      })
      await delay(stage.random.below(100))
      ends.push(await timeOfEnd(pool?.pids()[0] as number))
    }
    load.end()
    const statuses = await load.statuses
    const slowest = Math.max(...ends)
    await until('one is ready, and idle', async () => {
      const { ready = 0, inflight = 0 } = pool?.counts() ?? {}
      return ready > 0 && inflight === 0
    })
    const idleMs = await timeOfEnd(pool?.pids()[0] as number)
    return {
      events: Object.values(statuses).reduce((sum, n) => sum + n, 0),
      fired: ends.length,
      criteria: [
        criterion('answers other than 200', statusText(statuses), Object.keys(statuses).join() === '200'),
        criterion(
          `exits within its calls of ${WORK_MS} ms + 0.5 s, and what an idle one takes on this machine`,
          `${Math.round(slowest)} ms at most, ${Math.round(idleMs)} ms idle`,
          slowest < WORK_MS + 500 + idleMs,
        ),
      ],
    }
  },
}

/** From SIGTERM to its end. */
async function timeOfEnd(pid: number): Promise<number> {
  const began = performance.now()
  process.kill(pid, 'SIGTERM')
  await until('it is gone', async () => !alive(pid))
  return performance.now() - began
}
