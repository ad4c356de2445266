import type { Grid } from './grid.ts'
import type { Model } from './model.ts'
import { type Samples, samplesOf } from './samples.ts'
import { type ModelFiles, Statistics } from './sidecar.ts'

/** A model on trial, and what one of its unit is in km/h. */
export interface Tried {
  model: Model
  files: ModelFiles
  kmh: number
}

/** How two models did on the same points of a day; mean absolute errors in km/h by horizon, then over all. */
export interface Trial {
  minutes: number[]
  /** Points that were forecast, and the different windows they were forecast from. */
  points: number
  windows: number
  /** Every so many of the day's windows were looked at. */
  stride: number
  /** Points to which the new one answered no number. */
  broken: number
  model: number[]
  served?: number[]
  persistence: number[]
}

/** Windows and segments that are looked at, and rows a call: what a small machine takes in seconds. */
const MOST_SAMPLES = 200_000
const CALL_ROWS = 8192

/**
 * Lets a model forecast a day of speeds in km/h that are known, from when on it was not trained on them, and the one in
 * service beside it. A segment that one of the two does not know counts by its newest speed, as it would be served: who
 * knows few segments must not be judged by those alone.
 */
export const tryOut = async (day: Omit<Grid, 'timeZone'>, tried: Tried, served: Tried | undefined): Promise<Trial> => {
  const { horizons, steps, training } = tried.model.sidecar
  const unseen = Math.max(0, Math.ceil((Date.parse(training.until) - day.start) / day.stepMs))
  const left = Math.max(0, day.rows - unseen)
  const stride = Math.max(1, Math.ceil((left * day.sensors.length) / MOST_SAMPLES))
  const rows = Array.from({ length: Math.ceil(left / stride) }, (_, at) => unseen + at * stride)
  const own = await forecast(day, rows, tried)
  const its = served && (await forecast(day, rows, served))
  // One that knows nothing of this city is no measure.
  const others = its && its.places.size > 0 ? its : undefined
  const sums = horizons.map(() => ({ n: 0, model: 0, served: 0, persistence: 0 }))
  const windows = new Set<number>()
  let broken = 0
  for (const key of new Set([...own.places.keys(), ...(others?.places.keys() ?? [])])) {
    const sample = own.places.get(key)
    const other = others?.places.get(key)
    for (const [nth, { step }] of horizons.entries()) {
      const point = pointOf(own, sample, steps, step) ?? (others && pointOf(others, other, steps, step))
      const sum = sums[nth]
      if (point === undefined || Number.isNaN(point.truth) || sum === undefined) continue
      const { truth, last } = point
      const said = sample === undefined ? last : point.median
      const theirs = (others && pointOf(others, other, steps, step)?.median) ?? last
      if (Number.isNaN(said)) broken += 1
      if (Number.isNaN(said) || Number.isNaN(theirs)) continue
      windows.add(Math.floor(key / day.sensors.length))
      sum.n += 1
      sum.model += Math.abs(said - truth)
      sum.served += Math.abs(theirs - truth)
      sum.persistence += Math.abs(last - truth)
    }
  }
  const points = sums.reduce((all, { n }) => all + n, 0)
  const meansOf = (of: 'model' | 'served' | 'persistence') => [
    ...sums.map((sum) => sum[of] / sum.n),
    sums.reduce((all, sum) => all + sum[of], 0) / points,
  ]
  return {
    minutes: horizons.map(({ minutes }) => minutes),
    ...{ points, windows: windows.size, stride, broken },
    model: meansOf('model'),
    ...(others && { served: meansOf('served') }),
    persistence: meansOf('persistence'),
  }
}

/** What one model says of a sample at a step, and what came; none where it has no such sample. */
const pointOf = (of: Forecast, sample: number | undefined, steps: number, step: number) => {
  if (sample === undefined) return undefined
  const at = sample * steps + step - 1
  return { truth: of.truth[at] as number, median: of.median[at] as number, last: of.last[sample] as number }
}

interface Forecast {
  /** Place of each sample by its window and segment. */
  places: Map<number, number>
  /** Samples × steps. */
  truth: Float32Array
  median: Float32Array
  /** Newest speed of each sample. */
  last: Float32Array
}

/** The medians of one model and what came, samples × steps in km/h; a key names a window and segment. */
const forecast = async (
  day: Omit<Grid, 'timeZone'>,
  rows: number[],
  { model, files, kmh }: Tried,
): Promise<Forecast> => {
  const { sidecar } = model
  const statistics = Statistics.parse(JSON.parse(files.statistics))
  const values = day.values.map((speed) => speed / kmh)
  const fit = { statistics, untilRow: 0, centre: sidecar.scaling.centre }
  const samples = samplesOf({ ...day, values, timeZone: sidecar.timeZone }, fit, rows)
  const inKmh = (given: Float32Array) => given.map((value) => value * kmh)
  const keys = Array.from(samples.row, (row, at) => row * day.sensors.length + (samples.sensor[at] as number))
  return {
    places: new Map(keys.map((key, at) => [key, at])),
    truth: inKmh(samples.y),
    last: inKmh(samples.last),
    median: inKmh(await medians(model, samples)),
  }
}

const medians = async ({ sidecar, run }: Model, { x, last }: Samples): Promise<Float32Array> => {
  const width = sidecar.features.length
  const median = new Float32Array(last.length * sidecar.steps)
  for (let from = 0; from < last.length; from += CALL_ROWS) {
    const rows = Math.min(CALL_ROWS, last.length - from)
    const { p50 } = await run(x.subarray(from * width, (from + rows) * width), rows)
    median.set(p50, from * sidecar.steps)
  }
  return median
}
