import { ModelError } from '#models/onnx/model-error.ts'
import type { CityDay } from '#models/traffic/city-day.ts'
import { type Model, openModel } from '#models/traffic/model.ts'
import { readModel } from '#models/traffic/store.ts'
import { type Trial, type Tried, tryOut } from '#models/traffic/trial.ts'
import { units } from '#shared/contracts/units.ts'
import type { Sql } from '#shared/state/sql.ts'
import { shortId } from './model.ts'
import type { Output } from './output.ts'
import { readShipped } from './shipped-model.ts'
import { table } from './table.ts'

/** A run may hold up the function for no longer. */
const SLOWEST_MS = 1000
/** With fewer windows than a quarter of a day, a comparison says too little. */
const LEAST_DAY = 0.25

/** What one of its unit is in km/h; throws ModelError where it tells no speed. */
export const kmhOf = ({ sidecar }: Model): number => {
  const unit = sidecar.measure === 'speed' ? units.get(sidecar.unit) : undefined
  if (unit?.dimension !== 'speed')
    throw new ModelError(`it forecasts ${sidecar.measure} in ${sidecar.unit}; a city is forecast by speeds`)
  return unit.factor
}

/** Throws ModelError where it is of another city or of other windows, else says how much it knows. */
export const checkSegments = ({ sidecar, statistics }: Model, { segments, grid }: CityDay): string => {
  if (grid && grid.stepMs !== sidecar.stepMs)
    throw new ModelError(
      `it was trained on steps of ${sidecar.stepMs / 60_000} min; the windows of the city have ${grid.stepMs / 60_000} min`,
    )
  const all = statistics.ids.size
  const known = segments.filter((segment) => statistics.ids.has(segment)).length
  if (known * 2 < all)
    throw new ModelError(`the city knows ${known} of its ${all} segments: it was trained on another network`)
  return `the city knows ${known} of its ${all} segments, and has ${segments.length - known} that it does not know`
}

/** Throws ModelError where it is too slow, else says how slow it is. */
export const checkSpeed = async ({ run, sidecar, statistics }: Model): Promise<string> => {
  const rows = statistics.ids.size
  const x = new Float32Array(rows * sidecar.features.length)
  await run(x, rows)
  const began = performance.now()
  await run(x, rows)
  const took = performance.now() - began
  if (took > SLOWEST_MS) throw new ModelError(`a forecast of ${rows} segments takes ${Math.round(took)} ms`)
  return `a forecast of ${rows} segments takes ${took.toFixed(2)} ms`
}

/** Holds a model against the one in service on the last day, or by its own words where the city has none to show. */
export const compare = async (
  sql: Sql,
  tried: Tried,
  was: string | null,
  { grid }: CityDay,
  output: Output,
  open = openModel,
): Promise<Trial | undefined> => {
  const served = await openServing(sql, was, tried.model.sidecar.stepMs, open)
  try {
    const trial = grid && (await tryOut(grid, tried, served))
    if (grid === undefined || trial === undefined || !isEnough(trial, tried)) {
      output.note(
        'there is too little of a day to compare on that the model was not trained on: what counts is the day it was chosen on',
      )
      checkValidation(tried.model)
      return undefined
    }
    for (const line of trialLines(trial, shortId(was))) output.note(line)
    const until = Date.parse(tried.model.sidecar.training.until)
    if (until > grid.start) output.note('(without the times it was trained on)')
    if (trial.broken > 0) throw new ModelError(`it answers NaN to ${trial.broken} points of the last day`)
    checkBetter(trial, was)
    return trial
  } finally {
    await served?.model.release()
  }
}

const isEnough = ({ windows, stride }: Trial, { model }: Tried): boolean =>
  windows * stride * model.sidecar.stepMs >= LEAST_DAY * 24 * 60 * 60_000

const checkBetter = ({ model, served, persistence }: Trial, was: string | null): void => {
  const [own, other] = [model, served ?? persistence].map((errors) => errors.at(-1) ?? Number.NaN) as [number, number]
  if (own <= other) return
  const name = served ? `${shortId(was)}, which serves,` : 'the newest speed itself'
  throw new ModelError(`on the last day it is off by ${own.toFixed(3)} km/h, and ${name} by ${other.toFixed(3)}`)
}

const checkValidation = ({ sidecar: { validation } }: Model): void => {
  const mean = (errors: { mae: number[] }) => errors.mae.reduce((sum, mae) => sum + mae, 0) / errors.mae.length
  const simpler = (['persistence', 'slotMean'] as const).find((name) => mean(validation[name]) < mean(validation.model))
  if (simpler === undefined) return
  throw new ModelError(
    `on the day it was chosen on it is off by ${mean(validation.model).toFixed(3)}, ${simpler} by ${mean(validation[simpler]).toFixed(3)}`,
  )
}

/** The model in service where it can serve this city at all. */
const openServing = async (
  sql: Sql,
  id: string | null,
  stepMs: number,
  open: typeof openModel,
): Promise<Tried | undefined> => {
  const files = id === null ? await readShipped() : await readModel(sql, id)
  if (files === undefined) return undefined
  let model: Model | undefined
  try {
    model = await open(files)
    const tried = { model, files, kmh: kmhOf(model) }
    if (model.sidecar.stepMs === stepMs) return tried
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
  }
  await model?.release()
  return undefined
}

const trialLines = ({ minutes, points, model, served, persistence }: Trial, was: string): string[] => {
  const row = (name: string, errors: number[]) => [name, ...errors.map((error) => error.toFixed(2))]
  return [
    `mean error on the last day, km/h, ${points} points`,
    ...table(
      ['', ...minutes.map((n) => `${n} MIN`), 'ALL'],
      [row('this model', model), ...(served ? [row(was, served)] : []), row('newest speed', persistence)],
    ),
  ]
}
