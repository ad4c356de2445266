import { until } from '../../e2e/runtime.ts'
import type { World } from '../bench.ts'
import { runLoad } from '../load.ts'
import { bodiesOf } from '../readings.ts'
import type { Row } from '../row.ts'

const LOAD = { connections: 50, seconds: 3, method: 'POST' as const }

/** Calls for later beside the same calls at once. */
export const asyncCalls: Row = {
  name: 'async',
  what: 'POST of one reading to /async-function/ingest, until it is accepted and until it is done; 50 connections',
  async measure(bench) {
    const bodies = bodiesOf(1_000, 1)
    const world = await bench.start('ingest')
    const direct = await runLoad({ ...LOAD, bodies, url: `${world.url}/function/ingest` })
    const accepted = await runLoad({ ...LOAD, bodies, url: `${world.url}/async-function/ingest` })
    const reference = { name: '/function/ingest', value: direct.perSecond }
    return [
      { name: 'accepted', value: accepted.perSecond, unit: 'calls/s', reference },
      { name: 'done, while others are accepted', value: await donePerSecond(world), unit: 'calls/s', reference },
    ]
  },
}

/** From the first call that was accepted to the last that was done. */
async function donePerSecond({ database }: World): Promise<number> {
  const open = 'select 1 from async_call where finished_at is null limit 1'
  await until('all calls are done', async () => (await database.query(open)).rows.length === 0)
  const { rows } = await database.query<{ done: number; seconds: number }>(
    `select count(*) filter (where state = 'done')::int as done,
       extract(epoch from max(finished_at) - min(queued_at))::float8 as seconds from async_call`,
  )
  const { done, seconds } = rows[0] as { done: number; seconds: number }
  return done / seconds
}
