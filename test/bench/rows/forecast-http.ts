import { questionOf, SHIPPED } from '../forecasts.ts'
import { runLoad } from '../load.ts'
import { percentile } from '../percentile.ts'
import type { Figure, Row } from '../row.ts'
import { wakeOnce } from '../wake-one.ts'

const SERIES = [1, 207]
const CONNECTIONS = 16
const SECONDS = 9
const ROUNDS = 3
const WAKES = 20

const startBare = ['test/bench/bare-forecast.js', SHIPPED] as const

/** Forecasts of readings that come over HTTP. */
export const forecastHttp: Row = {
  name: 'forecast-http',
  what: `POST of ${SERIES.join(' or ')} series of 12 readings to predict-traffic, in turn with node:http and ONNX Runtime alone; ${CONNECTIONS} connections`,
  async measure(bench) {
    const world = await bench.start('whole')
    const bare = await bench.startBare(...startBare)
    const function_ = await world.startDirect('predict-traffic')
    const figures: Figure[] = []
    for (const series of SERIES) {
      const load = { connections: CONNECTIONS, seconds: SECONDS / ROUNDS, method: 'POST' as const }
      const seen: Record<'own' | 'bare', number[]> = { own: [], bare: [] }
      for (let round = 0; round < ROUNDS; round++)
        for (const [who, { url }] of [
          ['own', function_],
          ['bare', bare],
        ] as const)
          seen[who].push((await runLoad({ ...load, url, bodies: [questionOf(series)] })).perSecond * series)
      figures.push({
        ...{ name: `${series} series a request`, value: percentile(seen.own, 50), unit: 'forecasts/s' },
        reference: { name: 'node:http + onnxruntime', value: percentile(seen.bare, 50) },
        aim: { of: 'ratio', atLeast: 0.4 },
      })
    }
    return figures
  },
}

/** From zero to the first forecast. */
export const forecastWake: Row = {
  name: 'forecast-wake',
  what: `a question posted to predict-traffic without a process, until it is answered; ${WAKES} rounds`,
  async measure(bench) {
    const world = await bench.start('whole')
    const body = questionOf(1)
    const [woken, bare]: [number[], number[]] = [[], []]
    for (let round = 0; round < WAKES; round++) {
      woken.push(await wakeOnce(world, { name: 'predict-traffic', body, status: 200 }))
      const began = performance.now()
      const server = await bench.startBare(...startBare)
      bare.push(performance.now() - began)
      await server.stop()
    }
    return [50, 99].map((percent) => ({
      ...{ name: `p${percent}`, value: percentile(woken, percent), unit: 'ms' },
      reference: { name: 'bare server with onnxruntime', value: percentile(bare, percent) },
      ...(percent === 50 && { aim: { of: 'value', atMost: 300 } as const }),
    }))
  },
}
