import type { Model } from '#models/traffic/model.ts'
import { openStatistics } from '#models/traffic/statistics.ts'

const STEP_MS = 300_000
const HORIZONS = [3, 6, 9, 12]
const NEWEST = 11
const FEATURES = 48

/** The usual speed of `usual` at all times, and who its neighbours are. */
export interface FakeSensor {
  id: string
  usual: number
  neighbours?: [number, number][]
}

/**
 * A model that a test can reckon with: each step ahead is one more than the newest reading, five either way its band. To
 * a newest reading of 13 it gives no number. It keeps the rows it was run on.
 */
export function fakeModel(sensors: FakeSensor[], unit = 'KMH', more: Partial<Model['sidecar']> = {}) {
  const runs: Float32Array[] = []
  const sidecar = {
    measure: 'speed',
    unit,
    stepMs: STEP_MS,
    timeZone: 'UTC',
    steps: 12,
    horizons: HORIZONS.map((step) => ({ step, minutes: step * 5 })),
    features: Array.from({ length: FEATURES }, (_, i) => `f${i}`),
    scaling: { centre: 40, scale: 10, low: 0, high: 200 },
    training: { title: 'A town', from: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z' },
    ...more,
  } as Model['sidecar']
  const statistics = openStatistics(
    {
      sensors: sensors.map(({ id, usual, neighbours = [] }) => ({
        ...{ id, mean: usual, sd: 5, weekday: null, weekend: null, neighbours },
      })),
    },
    { stepMs: STEP_MS, timeZone: 'UTC' },
  )
  const run: Model['run'] = async (x, rows) => {
    runs.push(x)
    const p50 = Float32Array.from({ length: rows * 12 }, (_, at) => {
      const newest = (x[Math.floor(at / 12) * FEATURES + NEWEST] as number) + 40
      return newest === 13 ? Number.NaN : newest + (at % 12) + 1
    })
    return { p10: p50.map((value) => value - 5), p50, p90: p50.map((value) => value + 5) }
  }
  const model: Model = { id: 'f'.repeat(64), sidecar, statistics, run, release: async () => {} }
  return { model, runs }
}
