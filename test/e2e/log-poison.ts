import { logAppend } from '#shared/state/log-append.ts'
import type { Delivery } from './plan.ts'
import type { Random } from './random.ts'
import type { Runtime } from './runtime.ts'

type Poison = Extract<Delivery, { kind: 'malformed-log' }>

/** Writes malformed events straight to the log, each once, through whatever outages. */
export async function writePoison(runtime: Runtime, poison: Poison[], random: Random): Promise<void> {
  for (const { id, text } of poison) {
    const partition = random.below(8)
    await runtime.retried(async (database) => {
      // A COMMIT whose answer was lost may have happened.
      const { rows } = await database.query('select 1 from log where id = $1', [id])
      if (rows.length > 0) return
      await logAppend(database, [
        {
          topic: 'readings',
          partition,
          key: id,
          id,
          type: 'city.junction.readings.v1',
          attributes: { source: '/e2e' },
          data: Buffer.from(text),
        },
      ])
    })
  }
}
