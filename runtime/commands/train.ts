import { readdir } from 'node:fs/promises'
import { writeModelFolder } from '#models/traffic/folder.ts'
import { type GridReport, readGrid } from '#models/traffic/read-grid.ts'
import type { Sidecar } from '#models/traffic/sidecar.ts'
import { type Progress, type Simpler, type TrainedModel, trainModel } from '#models/traffic/train/train-model.ts'
import { unitName } from '#models/traffic/unit-name.ts'
import { UserError } from '../user-error.ts'
import { table } from './table.ts'

/** What `junction train` is asked. */
export interface TrainOptions {
  data: string
  out: string
  seed: number
  until?: string
  step?: string
  missing?: number
}

/** Trains a model on a dataset and writes it into a folder; says whether it is worth its keep, else writes nothing. */
export const train = async (options: TrainOptions, say: (line: string) => void): Promise<boolean> => {
  const { data, out, seed } = options
  await checkOut(out)
  const { grid, links, about, unit, report } = await readGrid(data, options)
  say(`${about.title}: ${gridLine(grid, report)}`)
  const model = trainModel({ ...{ grid, links, about, unit, seed }, onProgress: progressTo(say) })
  for (const line of resultLines(model)) say(line)
  if (model.better !== undefined) {
    say(`No model is written: ${WITHOUT[model.better]}`)
    return false
  }
  await writeModelFolder(out, model.files, model.card)
  say(
    `${out}: model.onnx of ${count(model.files.onnx.length)} bytes, what belongs to it, and card.md, which tells more`,
  )
  return true
}

/** What a city does without a model, where one of these is better. */
const WITHOUT: Record<Simpler, string> = {
  persistence: 'on the last day the newest reading does better. A city without a model of its own forecasts just that.',
  slotMean:
    'on the last day what is usual at that time does better. Leave the city as it is, and train again on more days.',
  ridge:
    'on the last day a linear forecast (ridge) does better, which is not served. Leave the city as it is, and train again on more days.',
}

const MODEL_FILES = ['card.md', 'golden.json', 'model.json', 'model.onnx', 'statistics.json']

const checkOut = async (out: string): Promise<void> => {
  const found = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const foreign = found.find((name) => !MODEL_FILES.includes(name))
  if (foreign !== undefined)
    throw new UserError(`${out} holds ${foreign}, which is no part of a model: name another folder by --out`)
}

const count = (n: number): string => n.toLocaleString('en-US')
const minutes = (ms: number): string => `${Math.round(ms / 6_000) / 10} min`

const gridLine = (
  { rows, stepMs, sensors }: { rows: number; stepMs: number; sensors: readonly string[] },
  { readings, missing, merged }: GridReport,
): string =>
  [
    `${count(rows)} steps of ${minutes(stepMs)}, ${count(sensors.length)} sensors, ${count(readings)} readings`,
    ...(missing > 0 ? [`${((100 * missing) / (rows * sensors.length)).toFixed(1)} % missing`] : []),
    ...(merged > 0 ? [`${count(merged)} averaged with others of their step`] : []),
  ].join(', ')

/** Says each thing done with its figures, and how much time the epochs that may follow will take. */
export const progressTo = (say: (line: string) => void) => {
  let began = 0
  return (progress: Progress): void => {
    if ('sensors' in progress) {
      began = performance.now()
      say(
        `${count(progress.training)} windows of ${count(progress.sensors)} sensors to fit, ${count(progress.dropped)} dropped, ${count(progress.validation)} of the last day to choose${progress.every > 1 ? ` (1 row in ${progress.every}: the rest is more than is needed)` : ''}`,
      )
      return
    }
    const { member, members, epoch, epochs, training, validation, best } = progress
    const done = (member - 1) * epochs + epoch
    const all = members * epochs
    const left = ((performance.now() - began) / done) * (all - done)
    say(
      `network ${member} of ${members}, epoch ${epoch} of ${epochs}: loss ${training.toFixed(4)}, on the last day ${validation.toFixed(4)}${best ? ', the best so far' : ''}${done < all ? `; ${Math.ceil(left / 1000)} s left at most` : ''}`,
    )
  }
}

const resultLines = ({ sidecar, without }: TrainedModel): string[] => {
  const unit = unitName(sidecar.unit)
  return [
    ...(without.length > 0
      ? [
          `${count(without.length)} sensors have too little history: ${without.slice(0, 10).join(', ')}${without.length > 10 ? ' …' : ''}`,
        ]
      : []),
    `on ${sidecar.validation.from} to ${sidecar.validation.until}, RMSE/MAE${unit === '' ? '' : ` in ${unit}`}:`,
    ...figures(sidecar),
  ]
}

const figures = ({ horizons, validation }: Sidecar): string[] => {
  const errors = (name: string, { mae, rmse }: Sidecar['validation']['model']) => [
    name,
    ...rmse.map((error, i) => `${error.toFixed(2)}/${(mae[i] as number).toFixed(2)}`),
  ]
  return table(
    ['', ...horizons.map((horizon) => `${horizon.minutes} MIN`)],
    [
      errors('model', validation.model),
      errors('ridge', validation.ridge),
      errors('slot mean', validation.slotMean),
      errors('persistence', validation.persistence),
      ['in the band', ...validation.coverage.map((share) => `${(100 * share).toFixed(1)} %`)],
    ],
  )
}
