import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'

const IDLE_MS = 200

/** In flight is not idle, however long it takes. */
export const t39: Row = {
  id: 'T39',
  buses: ['none'],
  what: 'a long request beyond the idle deadline',
  needs: [],
  async run(stage) {
    const town = await openTown(stage, bareGround(stage), {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly' }],
      idleMs: IDLE_MS,
      execTimeoutMs: stage.scaled(40_000, 10_000),
    })
    const longMs = stage.scaled(30_000, 2_500)
    const pool = town.pools.get('unruly')
    const answers: number[] = []
    let retired = 0
    for (let round = 0; round < stage.scaled(5, 2); round++) {
      const call = fetch(`${town.url}/function/unruly/wait/${longMs}`, { method: 'POST' })
      await until('it is in flight', async () => pool?.counts().inflight === 1)
      const [pid] = pool?.pids() ?? []
      await delay(longMs / 2)
      if (pool?.pids()[0] !== pid) retired++
      answers.push((await call).status)
      // Idle at last: the deadline is real.
      await until('it retires', async () => pool?.pids().length === 0)
    }
    return {
      events: answers.length,
      fired: answers.length,
      criteria: [
        criterion(
          `answered 200 after ${longMs / IDLE_MS} idle times`,
          answers.join(),
          answers.every((status) => status === 200),
        ),
        criterion('retired meanwhile', retired, retired === 0),
      ],
    }
  },
}
