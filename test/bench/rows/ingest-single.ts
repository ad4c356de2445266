import { runLoad } from '../load.ts'
import { bodiesOf } from '../readings.ts'
import type { Row } from '../row.ts'

const LOAD = { connections: 100, seconds: 8, method: 'POST' as const }

/** One durable reading a request. */
export const ingestSingle: Row = {
  name: 'ingest-single',
  what: 'POST of one reading, answered when it is durable; 100 connections',
  async measure(bench) {
    const bodies = bodiesOf(1_000, 1)
    const bare = await bench.startBare()
    const { perSecond: reference } = await runLoad({ ...LOAD, bodies, url: bare.url })
    await bare.stop()
    const world = await bench.start('ingest')
    const function_ = await world.startDirect('ingest')
    const direct = await runLoad({ ...LOAD, bodies, url: function_.url })
    await function_.stop()
    const gateway = await runLoad({ ...LOAD, bodies, url: `${world.url}/function/ingest` })
    const figure = { unit: 'req/s', reference: { name: 'bare node:http', value: reference } }
    return [
      { name: 'direct', value: direct.perSecond, ...figure, aim: { of: 'ratio', atLeast: 0.25 } },
      { name: 'through the gateway', value: gateway.perSecond, ...figure, aim: { of: 'ratio', atLeast: 0.12 } },
    ]
  },
}
