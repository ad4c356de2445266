import { writeFile } from 'node:fs/promises'
import { evaluate as evaluateModel } from '#models/traffic/evaluate/evaluate.ts'
import type { Evaluation } from '#models/traffic/evaluate/evaluation.ts'
import { reportOf } from '#models/traffic/evaluate/report.ts'
import { errorRows, percent } from '#models/traffic/evaluate/tables.ts'
import { readModelFolder } from '#models/traffic/folder.ts'
import type { Output } from './output.ts'
import { table } from './table.ts'
import { progressTo } from './train.ts'

/** What `junction evaluate` is asked. */
export interface EvaluateOptions {
  data: string
  model?: string
  seed: number
  report?: string
  step?: string
  missing?: number
}

/** Judges a model on the last fifth of a dataset beside what is simpler, and writes a report where one is asked for. */
export const evaluate = async (options: EvaluateOptions, output: Output): Promise<void> => {
  const { data, model, seed, report, step, missing } = options
  const say = (line: string) => output.note(line)
  const evaluation = await evaluateModel({
    ...{ folder: data, seed, say, onProgress: progressTo(say) },
    reading: { ...(step !== undefined && { step }), ...(missing !== undefined && { missing }) },
    ...(model !== undefined && { files: await readModelFolder(model) }),
  })
  if (report !== undefined) await writeFile(report, reportOf(evaluation, commandOf(options)))
  output.data(evaluation, () => [
    ...linesOf(evaluation),
    ...(report === undefined ? [] : ['', `${report}: the report`]),
  ])
}

/** Whoever repeats it has the data and the model elsewhere. */
const commandOf = ({ model, seed, step, missing }: EvaluateOptions): string =>
  [
    'junction evaluate --data DIR',
    ...(model === undefined ? [`--seed ${seed}`] : ['--model DIR']),
    ...(step === undefined ? [] : [`--step ${step}`]),
    ...(missing === undefined ? [] : [`--missing ${missing}`]),
    '--report FILE',
  ].join(' ')

const linesOf = (evaluation: Evaluation): string[] => {
  const { unit, horizons, meanOverSteps, atStep, winners, benchmark, coverage, width, sensors, test } = evaluation
  const minutes = horizons.map((horizon) => horizon.minutes)
  const lines = (rows: string[][]) => table(rows[0] ?? [], rows.slice(1))
  return [
    `\nmean over the steps to the horizon, ${unit}; ${test.windows.join(', ')} windows`,
    ...lines(errorRows(minutes, meanOverSteps, winners.meanOverSteps, benchmark)),
    `\nat the horizon's own step, ${unit}`,
    ...lines(errorRows(minutes, atStep, winners.atStep)),
    '',
    ...lines([
      ['the band', ...minutes.map((n) => `${n} min`)],
      ['holds', ...coverage.map(percent)],
      ['width', ...width.map((figure) => figure.toFixed(1))],
    ]),
    `\nit beats persistence on ${sensors.better} of ${sensors.forecast} sensors; ${sensors.unknown.length} have too little history`,
  ]
}
