import { setTimeout as delay } from 'node:timers/promises'
import { alive } from '#test/e2e/processes.ts'
import { until } from '#test/e2e/runtime.ts'
import { startLoad } from '#test/replicas/load.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'
import { openTown, type Town } from '../tools/town.ts'

const WORK_MS = 300
const IDLE = 5
const SLOWEST_IDLE_MS = 1_000
/** The next one starts meanwhile, on the same cores; below what a connection kept alive or a grace time would take. */
const SLOWEST_MS = 4_000

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
    const oneIsReady = (inflight: (calls: number) => boolean) =>
      until('one is ready, and none other starts or ends', async () => {
        const { ready = 0, starting = 0, draining = 0, inflight: calls = 0 } = pool?.counts() ?? {}
        const [pid = 0] = pool?.pids() ?? []
        return ready === 1 && starting + draining === 0 && inflight(calls) && alive(pid)
      })
    const end = () => timeOfEnd(town, pool?.pids()[0] as number)
    const url = `${town.url}/function/unruly/wait`

    const idle: number[] = []
    for (let sample = 0; sample < IDLE; sample++) {
      await (await fetch(`${url}/1`, { method: 'POST' })).arrayBuffer()
      await oneIsReady((calls) => calls === 0)
      idle.push(await end())
    }
    const load = startLoad({ url: `${url}/${WORK_MS}`, perSecond: 100 })
    const ends: number[] = []
    for (let round = 0; round < stage.scaled(50, 6); round++) {
      await oneIsReady((calls) => calls > 5)
      await delay(stage.random.below(100))
      ends.push(await end())
    }
    load.end()
    const statuses = await load.statuses
    const slowest = Math.max(...ends)
    const idleMs = median(idle)
    const reasons = countStatuses(endsOf(town))
    const speed = [
      criterion(
        `an idle one exits within ${SLOWEST_IDLE_MS} ms (median of ${IDLE})`,
        `${Math.round(idleMs)} ms`,
        idleMs < SLOWEST_IDLE_MS,
      ),
      criterion(`the slowest exits within ${SLOWEST_MS} ms`, `${Math.round(slowest)} ms`, slowest < SLOWEST_MS),
      criterion(
        `exits within its calls of ${WORK_MS} ms + 0.5 s, and what an idle one takes (median of ${ends.length})`,
        `${Math.round(median(ends))} ms`,
        median(ends) < WORK_MS + 500 + idleMs,
      ),
    ].map((one) => ofSpeed(stage, one))
    return {
      events: Object.values(statuses).reduce((sum, n) => sum + n, 0),
      fired: ends.length,
      criteria: [
        criterion('answers other than 200', statusText(statuses), Object.keys(statuses).join() === '200'),
        criterion('ends other than with 0', statusText(reasons), Object.keys(reasons).join() === 'exit code 0'),
        ...speed.flatMap(({ criteria }) => criteria),
      ],
      notes: speed.flatMap(({ notes }) => notes),
    }
  },
}

/** From SIGTERM to its end. */
async function timeOfEnd(town: Town, pid: number): Promise<number> {
  const before = endsOf(town).length
  const began = performance.now()
  process.kill(pid, 'SIGTERM')
  await until('it is gone', async () => endsOf(town).length > before)
  return performance.now() - began
}

/** Why replicas ended, in order. */
const endsOf = ({ changes }: Town): string[] => changes.flatMap((line) => / ended \((.*)\)$/.exec(line)?.[1] ?? [])

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
