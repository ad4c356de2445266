import { runLoad } from '../load.ts'
import { rawInserts } from '../raw-inserts.ts'
import { bodiesOf } from '../readings.ts'
import type { Row } from '../row.ts'

const BATCH = 100
const LOAD = { connections: 16, seconds: 8, method: 'POST' as const }

/** A hundred durable readings a request. */
export const ingestBatch: Row = {
  name: 'ingest-batch',
  what: 'POST of 100 readings, answered when they are durable; 16 connections',
  async measure(bench) {
    const bodies = bodiesOf(200, BATCH)
    const world = await bench.start('ingest')
    const reference = { name: 'raw INSERTs of 100', value: await rawInserts(world.database) }
    const function_ = await world.startDirect('ingest')
    const direct = await runLoad({ ...LOAD, bodies, url: function_.url })
    await function_.stop()
    const gateway = await runLoad({ ...LOAD, bodies, url: `${world.url}/function/ingest` })
    const aims = {
      aim: { of: 'value' as const, atLeast: 40_000 },
      stretch: { of: 'value' as const, atLeast: 60_000 },
    }
    return [
      { name: 'direct', value: direct.perSecond * BATCH, unit: 'readings/s', reference, ...aims },
      { name: 'through the gateway', value: gateway.perSecond * BATCH, unit: 'readings/s', reference },
    ]
  },
}
