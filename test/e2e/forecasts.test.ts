import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readGrid } from '#models/traffic/read-grid.ts'
import { ForecastAccuracy, SegmentForecast, TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import { dataFolder, freePort, type Junction, junction, killProcessesOf, run, until } from '../cli/junction.ts'

// Two city minutes a second: a point of a quarter of an hour is scored some twenty seconds after it was told.
const MORNING = ['--demo', '--clock', '2024-03-04T06:00:00Z', '--speed', '120']

let data: Awaited<ReturnType<typeof dataFolder>>
let runtime: Junction
let city: string
beforeAll(async () => {
  data = await dataFolder()
  const port = await freePort()
  city = `http://127.0.0.1:${port}/function/city/api`
  runtime = junction(['up', '--data', data.path, '--port', String(port), ...MORNING], {
    AUTH_MODE: 'dev',
    CITY_TIMEZONE: 'Europe/Vienna',
  })
  await until('the start', async () => runtime.output().includes('/function/city/'))
}, 60_000)
afterAll(async () => {
  runtime.child.kill('SIGINT')
  await runtime.exited
  await killProcessesOf(data.path)
  await data.remove()
})

const read = async (path: string): Promise<unknown> => (await fetch(`${city}/${path}`)).json()

describe('the simulated town', () => {
  it('gets the forecasts of its next hour from the model, and learns how far off they were', async () => {
    const { segments } = await until(
      'all but a few segments have one of the model',
      async () => {
        const told = TrafficForecasts.parse(await read('traffic-forecasts'))
        const byModel = told.segments.filter(({ forecast }) => forecast?.source === 'model')
        return told.segments.length > 60 && byModel.length >= 0.95 * told.segments.length && told
      },
      120_000,
    )
    const street = segments.find(({ forecast }) => forecast?.source === 'model')?.segment as string
    const { forecast } = SegmentForecast.parse(await read(`traffic-status/${encodeURIComponent(street)}/forecast`))
    for (const { p10Kmh, p50Kmh, p90Kmh } of forecast?.points ?? []) {
      expect(p10Kmh).toBeLessThanOrEqual(p50Kmh)
      expect(p90Kmh).toBeGreaterThanOrEqual(p50Kmh)
    }

    // The first forecasts are made before the last hour of the town is there: what is usual, without a band.
    const nearest = await until(
      'as many of the model as there are segments are scored',
      async () => {
        const { horizons } = ForecastAccuracy.parse(await read('forecast-accuracy'))
        return horizons.find(({ minutes, n, sources }) => minutes === 15 && n * sources.model >= segments.length)
      },
      120_000,
    )
    expect(nearest).toMatchObject({ coverage: expect.any(Number), persistence: expect.anything() })
    // As Prometheus asks: the alarms are made from these.
    const metrics = await (await fetch(`${city.replace('/city/api', '/predict-traffic')}/metrics`)).text()
    expect(metrics).toMatch(/^junction_forecasts_total\{source="model",.*\} \d+$/m)
    expect(metrics).toMatch(/^junction_forecast_error_kmh\{minutes="15",statistic="mae",of="served",.*\} \d/m)
    expect((await run(['status', '--data', data.path])).output).toMatch(/\d+ by the model, .*; \d+ min ahead off by \d/)

    // What it has measured is a dataset, in its own time zone.
    const out = `${data.path}/measured`
    expect((await run(['history', 'export', '--out', out, '--data', data.path])).output).toMatch(/74 segments/)
    const { grid } = await readGrid(out)
    expect(grid.timeZone).toBe('Europe/Vienna')
    expect(grid.values.filter((kmh) => kmh > 0).length).toBeGreaterThan(12 * 74)
  }, 300_000)
})
