import { createHash } from 'node:crypto'
import type { DatasetDescription } from '#shared/dataset/description.ts'
import { IR_VERSION, OPSET } from '../../onnx/write.ts'
import { type Forecast, persistence, slotMean } from '../baselines.ts'
import { featureNames } from '../features.ts'
import type { Grid } from '../grid.ts'
import { gridHash } from '../grid-hash.ts'
import { chooseRidge } from '../ridge.ts'
import type { Golden, ModelFiles, Sidecar, Statistics } from '../sidecar.ts'
import type { Link } from '../statistics.ts'
import { onnxOf } from '../to-onnx.ts'
import { horizonsOf, stepsAhead } from '../window.ts'
import { cardOf } from './card.ts'
import { type Epoch, fitNetwork, type Recipe } from './fit.ts'
import type { Fitted } from './fitted.ts'
import { forecastWith } from './forward.ts'
import { type Parts, partsOf } from './parts.ts'
import { coverageAt, errorsAt } from './scores.ts'

/** What a model is trained on, and how. */
export interface Training {
  grid: Grid
  links: readonly Link[]
  about: Pick<DatasetDescription, 'title' | 'origin' | 'measure'>
  /** UN/CEFACT code of the values. */
  unit: string
  seed: number
  recipe?: Recipe
  /** Told what is done, once there is something to tell. */
  onProgress?: (progress: Progress) => void
}

/** How far a training is: the windows are made, or an epoch is over. */
export type Progress = { training: number; validation: number; dropped: number; sensors: number; every: number } | Epoch

/** What a model is compared with; each needs no model. */
export const SIMPLER = ['persistence', 'slotMean', 'ridge'] as const
export type Simpler = (typeof SIMPLER)[number]

/** A trained model with all that belongs to it. */
export interface TrainedModel {
  files: ModelFiles
  /** A description for people, in Markdown. */
  card: string
  sidecar: Sidecar
  fitted: Fitted
  /** Sensors with too little history to be trained on. */
  without: string[]
  /** The simpler forecast that does better on the last day, where one does: the model is then not worth its keep. */
  better: Simpler | undefined
}

/** Trains a model on a whole grid; throws DatasetError where there is too little of it. The same grid and seed give the same bytes. */
export const trainModel = (training: Training): TrainedModel => {
  const { grid, links, seed, recipe, onProgress } = training
  const parts = partsOf(grid, links)
  onProgress?.({
    training: parts.training.last.length,
    validation: parts.validation.last.length,
    dropped: parts.training.dropped,
    sensors: parts.statistics.sensors.length,
    every: parts.every,
  })
  const { epochs, ...fitted } = fitNetwork(parts.training, parts.validation, parts.centre, {
    seed,
    ...(recipe === undefined ? {} : { recipe }),
    ...(onProgress === undefined ? {} : { onEpoch: onProgress }),
  })
  const statistics = statisticsText(parts.statistics)
  const golden = JSON.stringify(goldenOf(fitted, parts))
  const features = featureNames(horizonsOf(grid.stepMs).length)
  const { measure } = training.about
  const trainingHash = gridHash(grid, grid.rows)
  const onnx = onnxOf(fitted, {
    measure,
    unit: training.unit,
    stepMs: `${grid.stepMs}`,
    features: features.join(),
    training: trainingHash,
    seed: `${seed}`,
  })
  const count = (arrays: readonly Float32Array[]) => arrays.reduce((sum, { length }) => sum + length, 0)
  const { scale, low, high } = fitted
  const sidecar: Sidecar = {
    format: 1,
    ...{ measure, unit: training.unit, stepMs: grid.stepMs, timeZone: grid.timeZone },
    ...{ steps: stepsAhead(grid.stepMs), horizons: horizonsOf(grid.stepMs), features },
    onnx: {
      sha256: sha256(onnx),
      ...{ irVersion: IR_VERSION, opset: OPSET, weights: count(fitted.weights) + count(fitted.biases) },
    },
    statistics: { sha256: sha256(statistics), sensors: parts.statistics.sensors.length },
    golden: { sha256: sha256(golden) },
    scaling: { centre: fitted.centre, scale, low, high },
    conformal: plain(fitted.conformal),
    training: {
      title: training.about.title,
      ...(training.about.origin === undefined ? {} : { origin: training.about.origin }),
      ...{ seed, from: instantOf(grid, 0), until: instantOf(grid, grid.rows), rows: grid.rows },
      windows: { used: parts.training.last.length, dropped: parts.training.dropped },
      ...{ epochs, sha256: trainingHash },
    },
    validation: validationOf(training, parts, fitted),
  }
  const known = new Set(parts.statistics.sensors.map(({ id }) => id))
  const without = grid.sensors.filter((id) => !known.has(id))
  return {
    files: { onnx, sidecar: textOf(sidecar), statistics, golden },
    card: cardOf(sidecar, without),
    ...{ sidecar, fitted, without, better: betterThan(sidecar) },
  }
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const textOf = (json: unknown): string => `${JSON.stringify(json, undefined, 1)}\n`
/** A sensor a line: large as it is, people can look at it. */
const statisticsText = ({ sensors }: Statistics): string =>
  `{"sensors": [\n${sensors.map((sensor) => JSON.stringify(sensor)).join(',\n')}\n]}\n`
const instantOf = ({ start, stepMs }: Grid, row: number): string => new Date(start + row * stepMs).toISOString()

/** Float32 as the shortest decimals that make it again. */
const plain = (values: Float32Array): number[] =>
  Array.from(values, (value) => {
    for (let digits = 6; digits < 9; digits += 1) {
      const short = Number(value.toPrecision(digits))
      if (Math.fround(short) === value) return short
    }
    return value
  })

const GOLDEN_ROWS = 8

/** Rows from all over the last day, and what the trainer itself makes of them. */
const goldenOf = (fitted: Fitted, { validation: { x, last } }: Parts): Golden => {
  const width = fitted.mean.length
  const rows = Array.from({ length: GOLDEN_ROWS }, (_, i) => {
    const row = Math.floor(((i + 0.5) * last.length) / GOLDEN_ROWS)
    return x.slice(row * width, (row + 1) * width)
  })
  const answers = rows.map((row) => forecastWith(fitted, row))
  return {
    features: rows.map(plain),
    p10: answers.map(({ p10 }) => plain(p10)),
    p50: answers.map(({ p50 }) => plain(p50)),
    p90: answers.map(({ p90 }) => plain(p90)),
  }
}

const validationOf = ({ grid }: Training, parts: Parts, fitted: Fitted): Sidecar['validation'] => {
  const steps = horizonsOf(grid.stepMs).map(({ step }) => step)
  const bands = forecastWith(fitted, parts.validation.x)
  const digits = (value: number) => Number(value.toPrecision(5))
  const of = (forecast: Forecast) => {
    const { mae, rmse } = errorsAt(parts.validation, forecast(parts.validation), steps)
    return { mae: mae.map(digits), rmse: rmse.map(digits) }
  }
  return {
    from: instantOf(grid, parts.validationRow),
    until: instantOf(grid, grid.rows),
    model: of(() => bands.p50),
    persistence: of(persistence),
    slotMean: of(slotMean(grid, parts.validationRow)),
    ridge: of(chooseRidge(parts.training, parts.validation).forecast),
    coverage: coverageAt(parts.validation, bands, steps).map(digits),
  }
}

/** By MAE, the mean over the horizons: what the median is fitted to. */
const betterThan = ({ validation }: Sidecar): Simpler | undefined => {
  const meanOf = ({ mae }: Sidecar['validation']['model']) => mae.reduce((sum, error) => sum + error, 0) / mae.length
  const [best] = SIMPLER.toSorted((a, b) => meanOf(validation[a]) - meanOf(validation[b]))
  return best !== undefined && meanOf(validation[best]) <= meanOf(validation.model) ? best : undefined
}
