import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DatasetError } from '#shared/dataset/description.ts'
import { ModelError } from '../../onnx/model-error.ts'
import { coversRows } from '../grid-hash.ts'
import { type Model, openModel } from '../model.ts'
import { type GridOfDataset, type GridOptions, readGrid } from '../read-grid.ts'
import { samplesOf } from '../samples.ts'
import { type ModelFiles, Statistics } from '../sidecar.ts'
import { strideOf } from '../train/parts.ts'
import { type Progress, trainModel } from '../train/train-model.ts'
import { unitName } from '../unit-name.ts'
import { horizonsOf } from '../window.ts'
import { bandOf, errorsOf, forTargets, type Test } from './errors.ts'
import { type Compared, type Evaluation, FORECASTS, type ForecastName, winnersOf } from './evaluation.ts'
import { before, forecastsOf, simplerForecasts } from './forecasts.ts'
import { marginsOf } from './margins.ts'
import { judgedRows, testStart, windowsOf } from './protocol.ts'
import { benchmarkOf } from './published.ts'
import { fixedLimits, regimesOf, sharedLimits } from './regimes.ts'
import { sensorsOf } from './sensors.ts'

/** What is evaluated. */
export interface Asked {
  /** A dataset folder, and how to read it where it does not say so itself. */
  folder: string
  reading?: Pick<GridOptions, 'step' | 'missing'>
  /** One is trained on what precedes the test part unless given. */
  files?: ModelFiles
  seed: number
  say(line: string): void
  onProgress?(progress: Progress): void
}

/**
 * Judges a model, and what is simpler, on the last fifth of a dataset. Throws ModelError for a model that is not of these
 * data, or whose training reaches into that part.
 */
export const evaluate = async ({ folder, reading, files, seed, say, onProgress }: Asked): Promise<Evaluation> => {
  const data = await readGrid(folder, reading)
  const { grid, links, about, unit } = data
  const start = testStart(grid.rows)
  const horizons = horizonsOf(grid.stepMs)
  const steps = horizons.map(({ step }) => step)
  const [first, last] = [windowsOf(grid.rows, steps[0] ?? 1), windowsOf(grid.rows, steps.at(-1) ?? 1)]
  if (last.from >= last.until)
    throw new DatasetError(`${folder}: a fifth of ${grid.rows} rows is too short a test for forecasts of an hour`)
  say(`${about.title}: ${grid.rows} rows of ${grid.sensors.length} sensors, the last ${grid.rows - start} to test`)
  const trained = files ?? (await trainHere(data, start, seed, onProgress))
  const model = await openModel(trained)
  try {
    checkModel(model, data, start)
    const statistics = Statistics.parse(JSON.parse(trained.statistics))
    const fit = { statistics, untilRow: start, centre: model.sidecar.scaling.centre }
    const every = strideOf(first.until - first.from, statistics.sensors.length, grid.stepMs)
    const { rows, windows } = judgedRows(grid.rows, steps, every)
    const samples = samplesOf(grid, fit, rows)
    if (samples.last.length === 0) throw new DatasetError(`${folder}: too little was measured in the test part`)
    say(`forecasts of ${samples.last.length} windows`)
    const { p10, p50, p90 } = await forecastsOf(model, samples)
    const { lambda, ...simpler } = simplerForecasts(grid, links, start, samples)
    const forecasts = { ...simpler, model: p50 }
    const test: Test = { samples, rows: grid.rows, horizons: steps }
    const sha256 = await hashOf(join(folder, about.values.file))
    const benchmark = benchmarkOf(sha256)
    const { meanOverSteps, atStep } = compare(test, forecasts)
    const limits =
      benchmark === undefined ? sharedLimits(grid, start) : fixedLimits(...benchmark.limits, unitName(unit))
    const { title, origin, measure } = about
    return {
      data: {
        ...{ title, ...(origin === undefined ? {} : { origin }), measure },
        ...{ timeZone: grid.timeZone, stepMs: grid.stepMs, sha256 },
      },
      unit: unitName(unit) || measure,
      horizons,
      ...{ meanOverSteps, atStep, ...bandOf(test, p10, p90) },
      winners: { meanOverSteps: winnersOf(meanOverSteps, benchmark), atStep: winnersOf(atStep) },
      margins: {
        persistence: marginsOf(test, p50, forecasts.persistence, grid.stepMs),
        slotMean: marginsOf(test, p50, forecasts.slotMean, grid.stepMs),
        ridge: marginsOf(test, p50, forecasts.ridge, grid.stepMs),
      },
      test: {
        ...{ from: instantOf(data, start), until: instantOf(data, grid.rows) },
        ...{ windows, every, used: samples.last.length, dropped: samples.dropped, missing: missingOf(test) },
      },
      ...(measure === 'speed'
        ? { regimes: { words: limits.words, ...regimesOf(test, limits, forecasts, { p10, p90 }) } }
        : {}),
      sensors: sensorsOf(test, grid.sensors, forecasts, model.statistics.ids),
      model: {
        ...{ id: model.id, onnx: model.sidecar.onnx.sha256, weights: model.sidecar.onnx.weights },
        ...{ training: model.sidecar.training, trainedHere: files === undefined },
      },
      ridge: { lambda },
      ...(benchmark === undefined ? {} : { benchmark }),
    }
  } finally {
    await model.release()
  }
}

const trainHere = async (
  { grid, links, about, unit }: GridOfDataset,
  untilRow: number,
  seed: number,
  onProgress: Asked['onProgress'],
): Promise<ModelFiles> =>
  trainModel({ grid: before(grid, untilRow), links, about, unit, seed, ...(onProgress && { onProgress }) }).files

/** A model is judged in its own unit and steps, and only on what it cannot have seen. */
const checkModel = ({ sidecar, statistics }: Model, { grid, about, unit }: GridOfDataset, start: number): void => {
  const [own, theirs] = [sidecar, { measure: about.measure, unit, stepMs: grid.stepMs, timeZone: grid.timeZone }]
  for (const what of ['measure', 'unit', 'stepMs', 'timeZone'] as const)
    if (own[what] !== theirs[what])
      throw new ModelError(`the model's ${what} is ${own[what]}, that of the data is ${theirs[what]}`)
  const strangers = [...statistics.ids.keys()].filter((id) => !grid.sensors.includes(id))
  if (strangers.length > 0)
    throw new ModelError(`the data lack ${strangers.length} sensors of the model, '${strangers[0]}' among them`)
  if (coversRows(grid, { training: sidecar.training, ids: statistics.ids.keys() }, start))
    throw new ModelError(
      `the model has seen the test part: its training reaches to ${sidecar.training.until}, the test begins at ${new Date(grid.start + start * grid.stepMs).toISOString()}`,
    )
}

const compare = (test: Test, forecasts: Record<ForecastName, Float32Array>) => {
  const both = FORECASTS.map((name) => [name, errorsOf(test, forecasts[name])] as const)
  const of = (what: 'meanOverSteps' | 'atStep') =>
    Object.fromEntries(both.map(([name, errors]) => [name, errors[what]])) as Compared
  return { meanOverSteps: of('meanOverSteps'), atStep: of('atStep') }
}

/** The share of the targets to the last horizon that were not measured. */
const missingOf = (test: Test): number => {
  const last = test.horizons.at(-1) ?? 1
  const { until } = windowsOf(test.rows, last)
  const all = test.samples.row.reduce((sum, row) => sum + (row < until ? last : 0), 0)
  let there = 0
  forTargets(test, last, 1, () => {
    there += 1
  })
  return 1 - there / all
}

const hashOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const instantOf = ({ grid: { start, stepMs } }: GridOfDataset, row: number): string =>
  new Date(start + row * stepMs).toISOString()
