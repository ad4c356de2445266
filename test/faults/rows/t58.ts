import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '#test/bench/percentile.ts'
import { startLoad } from '#test/replicas/load.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

const BLOCK_MS = 5_000
/** A p99 of a few milliseconds doubles by itself on a machine that does something else as well. */
const NOISE_MS = 20

/** A process is all a busy loop can hold up. */
export const t58: Row = {
  id: 'T58',
  buses: ['none'],
  what: 'event loop of one function blocked for 5 s',
  needs: [],
  async run(stage) {
    const town = await openTown(stage, bareGround(stage), {
      functions: [
        { name: 'unruly', folder: 'test/functions/unruly' },
        { name: 'unruly-once', folder: 'test/functions/unruly-once' },
      ],
    })
    const post = (name: string, path: string) => fetch(`${town.url}/function/${name}${path}`, { method: 'POST' })
    await Promise.all(['unruly', 'unruly-once'].map((name) => post(name, '/ok')))
    const others = async (during: () => Promise<unknown>) => {
      const load = startLoad({ url: `${town.url}/function/unruly-once/ok`, perSecond: 50 })
      await during()
      load.end()
      return { statuses: await load.statuses, p99: await load.p99 }
    }
    const calm = await others(() => delay(BLOCK_MS))
    const health: number[] = []
    const blocks = stage.scaled(10, 1)
    let blocked = 0
    const busy = await others(async () => {
      for (let round = 0; round < blocks; round++) {
        const block = post('unruly', `/block/${BLOCK_MS}`).then(({ status }) => {
          if (status === 200) blocked++
        })
        let over = false
        void block.then(() => {
          over = true
        })
        while (!over) {
          const began = performance.now()
          const { status } = await fetch(`${town.url}/healthz`)
          health.push(status === 200 ? performance.now() - began : Number.POSITIVE_INFINITY)
          await delay(50)
        }
      }
    })
    const slowest = percentile(health, 100)
    const speed = [
      criterion('none waits for it: p99', `${busy.p99.toFixed(1)} ms`, busy.p99 < BLOCK_MS / 2),
      criterion('nor does the gateway', `${slowest.toFixed(0)} ms at most`, slowest < BLOCK_MS / 2),
      criterion(
        "others' p99 < 2 × that of before",
        `${busy.p99.toFixed(1)} ms, before ${calm.p99.toFixed(1)} ms`,
        busy.p99 < 2 * calm.p99 + NOISE_MS,
      ),
    ].map((one) => ofSpeed(stage, one))
    return {
      events: Object.values(busy.statuses).reduce((sum, n) => sum + n, 0),
      fired: blocked,
      criteria: [
        criterion('others answered 200', statusText(busy.statuses), Object.keys(busy.statuses).join() === '200'),
        criterion(
          'the gateway answers of its health again and again meanwhile',
          `${health.length} times`,
          health.length > blocks && Number.isFinite(slowest),
        ),
        ...speed.flatMap(({ criteria }) => criteria),
      ],
      notes: speed.flatMap(({ notes }) => notes),
    }
  },
}
