import { until } from '#test/e2e/runtime.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

const FREE_CRASHES = 5

/** A hoard that outgrows the memory limit of stack.yml: Node.js ends the process, the next call gets a new one. */
export const t59: Row = {
  id: 'T59',
  buses: ['none'],
  what: 'memory leak to the end of the process',
  needs: [],
  async run(stage) {
    const town = await openTown(stage, bareGround(stage), {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', memory: '64Mi' }],
    })
    const pool = town.pools.get('unruly')
    const post = async (path: string) => (await fetch(`${town.url}/function/unruly${path}`, { method: 'POST' })).status
    const crash = async () => {
      const before = pool?.counts().allCrashes ?? 0
      const status = await post('/leak/200')
      await until('it has crashed', async () => (pool?.counts().allCrashes ?? 0) > before)
      return status
    }
    const starting = performance.now()
    await post('/ok')
    const firstMs = performance.now() - starting
    const statuses: number[] = []
    const restarts: number[] = []
    // An answer between two crashes: they are no row.
    const rounds = stage.scaled(10, 3)
    for (let round = 0; round < rounds; round++) {
      statuses.push(await crash())
      const began = performance.now()
      if ((await post('/ok')) === 200) restarts.push(performance.now() - began)
    }
    for (let round = 0; round < FREE_CRASHES; round++) statuses.push(await crash())
    const began = performance.now()
    const answered = await post('/ok')
    const paused = performance.now() - began
    const slowest = Math.max(...restarts)
    const speed = ofSpeed(
      stage,
      criterion(
        'serves again ≤ 2 s, and what a start takes on this machine',
        `${Math.round(slowest)} ms at most, ${Math.round(firstMs)} ms at first`,
        slowest <= 2_000 + firstMs,
      ),
    )
    return {
      events: statuses.length + restarts.length + 1,
      fired: pool?.counts().allCrashes ?? 0,
      criteria: [
        criterion(
          'the call that crashed it: 502',
          statusText(countStatuses(statuses)),
          statuses.every((status) => status === 502),
        ),
        criterion('serves again at once', `${restarts.length} of ${rounds} times`, restarts.length === rounds),
        criterion(
          'after 5 in a row it pauses ≥ 0.9 s',
          `${Math.round(paused)} ms, then ${answered}`,
          paused >= 900 && answered === 200,
        ),
        ...speed.criteria,
      ],
      notes: speed.notes,
    }
  },
}
