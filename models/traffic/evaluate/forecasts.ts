import { DatasetError } from '#shared/dataset/description.ts'
import { ModelError } from '../../onnx/model-error.ts'
import { persistence, slotMean } from '../baselines.ts'
import type { Grid } from '../grid.ts'
import type { Bands, Model } from '../model.ts'
import { chooseRidge, fitRidge } from '../ridge.ts'
import { type Samples, samplesOf } from '../samples.ts'
import type { Link } from '../statistics.ts'
import { type Parts, partsOf } from '../train/parts.ts'

/** Rows a call: few enough for the memory of a small machine. */
const CALL_ROWS = 8192

/** The model's own forecasts by ONNX Runtime; throws ModelError where an answer is no number. */
export const forecastsOf = async (model: Model, { x, last }: Samples): Promise<Bands> => {
  const width = model.sidecar.features.length
  const size = last.length * model.sidecar.steps
  const bands: Bands = { p10: new Float32Array(size), p50: new Float32Array(size), p90: new Float32Array(size) }
  for (let from = 0; from < last.length; from += CALL_ROWS) {
    const rows = Math.min(CALL_ROWS, last.length - from)
    const part = await model.run(x.subarray(from * width, (from + rows) * width), rows)
    for (const name of ['p10', 'p50', 'p90'] as const) bands[name].set(part[name], from * model.sidecar.steps)
  }
  if (bands.p50.some(Number.isNaN)) throw new ModelError('the model answers NaN to windows of the test part')
  return bands
}

/**
 * What a model has to beat, fitted to the rows before `untilRow` and seen on the same windows. The features of ridge are
 * of those rows, too, whatever a model that was there before takes its own from. Throws DatasetError where they are too few.
 */
export const simplerForecasts = (grid: Grid, links: readonly Link[], untilRow: number, samples: Samples) => {
  const { training, validation, ...fit } = partsBefore(grid, links, untilRow)
  const { lambda } = chooseRidge(training, validation)
  // Chosen on the last day, it may then learn from that day, too.
  const forecast = fitRidge([training, validation], lambda)
  const own = samplesOf(grid, { ...fit, untilRow }, [...new Set(samples.row)])
  return {
    lambda,
    persistence: persistence(samples),
    slotMean: slotMean(grid, untilRow)(samples),
    ridge: forWindowsOf(samples, own, forecast(own)),
  }
}

const partsBefore = (grid: Grid, links: readonly Link[], untilRow: number): Parts => {
  try {
    return partsOf(before(grid, untilRow), links)
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error
    throw new DatasetError(`before the test part, where ridge and a model learn: ${error.message}`)
  }
}

/** Forecasts of other samples, put in the order of these; the newest reading for windows that are not among the others. */
const forWindowsOf = (samples: Samples, others: Samples, forecast: Float32Array): Float32Array => {
  const keyOf = ({ row, sensor }: Samples, sample: number) => `${row[sample]} ${sensor[sample]}`
  const places = new Map(Array.from(others.last, (_, sample) => [keyOf(others, sample), sample]))
  const steps = samples.y.length / samples.last.length
  const out = persistence(samples)
  for (let sample = 0; sample < samples.last.length; sample++) {
    const place = places.get(keyOf(samples, sample))
    if (place !== undefined) out.set(forecast.subarray(place * steps, (place + 1) * steps), sample * steps)
  }
  return out
}

/** The rows before one, and nothing that tells of later ones. */
export const before = (grid: Grid, untilRow: number): Grid => ({
  ...grid,
  rows: untilRow,
  values: grid.values.slice(0, untilRow * grid.sensors.length),
})
