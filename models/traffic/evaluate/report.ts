import { type Evaluation, FORECASTS } from './evaluation.ts'
import { BLOCK_MS } from './margins.ts'
import { PROTOCOL } from './protocol.ts'
import type { Regime } from './regimes.ts'
import { errorRows, figure, markdown, percent, titleOf } from './tables.ts'

const DAY_MS = 86_400_000

/** A report of an evaluation for people, in Markdown; `command` is what makes it again. */
export const reportOf = (evaluation: Evaluation, command: string): string =>
  [
    `# Forecasts on ${evaluation.benchmark?.name ?? `“${evaluation.data.title}”`}, ${evaluation.unit}`,
    summary(evaluation),
    made(evaluation, command),
    '## Errors',
    errors(evaluation),
    '## The band',
    band(evaluation),
    '## Where it fails',
    failures(evaluation),
    '## How this was measured',
    protocol(evaluation),
    '## What the model has that others may not have',
    inputs(evaluation),
  ].join('\n\n')

const listed = (figures: readonly number[]): string => figures.map(figure).join(', ')
const count = (n: number): string => n.toLocaleString('en-US')
const days = (from: string, until: string): string => {
  const n = (Date.parse(until) - Date.parse(from)) / DAY_MS
  return `${n.toFixed(1)} days`
}

const summary = ({ meanOverSteps: { model, persistence }, horizons, unit, test, model: { training } }: Evaluation) =>
  `Over the steps to ${horizons.map(({ minutes }) => minutes).join(', ')} minutes the model is off by RMSE ${listed(model.rmse)} and MAE ` +
  `${listed(model.mae)} ${unit}; that all stays as it is, by RMSE ${listed(persistence.rmse)} and MAE ${listed(persistence.mae)}. ` +
  `This is one place and one time: ${days(training.from, training.until)} to learn from and ${days(test.from, test.until)} to be ` +
  'judged on. It is no evidence for another city, another season, holidays or a road that changes.'

const made = ({ data, benchmark, model, test }: Evaluation, command: string): string => {
  const origin = benchmark?.origin ?? data.origin
  return [
    `- Made by \`${command}\`. The model ${model.trainedHere ? 'was trained for it' : 'was there before'}: seed ${model.training.seed}, ${model.training.epochs} epochs, ${count(model.weights)} weights.`,
    `- Model \`${model.id}\`, its \`model.onnx\` SHA-256 \`${model.onnx}\`, trained on ${model.training.from} to ${model.training.until}; tested on ${test.from} to ${test.until} (${data.timeZone}). Run by ONNX Runtime, not by the trainer.`,
    `- Data: ${data.title}. ${origin === undefined ? '' : `Origin: ${origin}. `}SHA-256 of the values \`${data.sha256}\`. They are not part of this project.`,
  ].join('\n')
}

const blocksOf = ({ from, until }: Evaluation['test']): number =>
  Math.ceil((Date.parse(until) - Date.parse(from)) / BLOCK_MS)

const marginRows = (margins: Evaluation['margins']): string[][] =>
  Object.entries(margins).map(([name, { rmse, mae }]) => [
    titleOf(name),
    ...rmse.map((_, i) =>
      [rmse, mae].map((intervals) => (intervals[i] ?? []).map((end) => end.toFixed(2)).join(' to ')).join(' / '),
    ),
  ])

const errors = ({ horizons, meanOverSteps, atStep, winners, benchmark, margins, unit, test }: Evaluation): string => {
  const minutes = horizons.map((horizon) => horizon.minutes)
  return [
    `Mean over all steps to the horizon, ${unit}${benchmark === undefined ? '' : ' (the definition of the published table)'}:`,
    markdown(errorRows(minutes, meanOverSteps, winners.meanOverSteps, benchmark)),
    `At the horizon's own step, ${unit} (what a reader of “in ${minutes.at(-1)} minutes” meets):`,
    markdown(errorRows(minutes, atStep, winners.atStep)),
    `How much less the model's errors over the steps are, ${unit}, RMSE / MAE, 95 of 100 times when the ${blocksOf(test)} blocks of two hours that the test part has are drawn anew. Where 0 lies within, this test cannot tell the two apart:`,
    markdown([['less than', ...minutes.map((n) => `${n} min`)], ...marginRows(margins)]),
    ...(benchmark === undefined ? [] : [benchmark.remarks.map((remark) => `- ${remark}`).join('\n')]),
  ].join('\n\n')
}

const band = ({ horizons, coverage, width, unit }: Evaluation): string =>
  [
    'Meant to hold 80 of 100 readings; judged at the step itself. Measured, not promised: readings that follow one another are not independent.',
    markdown([
      ['', ...horizons.map(({ minutes }) => `${minutes} min`)],
      ['within P10 to P90', ...coverage.map(percent)],
      [`width, ${unit}`, ...width.map((figure) => figure.toFixed(1))],
    ]),
  ].join('\n\n')

const leastOf = (mae: Regime['mae']): string => {
  const [least] = FORECASTS.toSorted((a, b) => (mae[a] as number) - (mae[b] as number))
  return titleOf(least as string)
}

const failures = ({ regimes, sensors, meanOverSteps: { model }, unit, horizons }: Evaluation): string => {
  const last = horizons.at(-1)?.minutes
  const of = (name: string, { share, mae, coverage }: Regime) => [
    name,
    percent(share),
    ...(share === 0 ? [] : [...FORECASTS.map((row) => figure(mae[row] as number)), leastOf(mae), percent(coverage)]),
  ]
  const rows =
    regimes === undefined
      ? []
      : [
          `A mean over free flow hides what matters. MAE over the steps to ${last} minutes, ${unit}; ${regimes.words}:`,
          markdown([
            ['targets', 'share', ...FORECASTS.map(titleOf), 'least', 'in the band'],
            of('all congested', regimes.congested),
            of('congested after a free reading (onsets)', regimes.onsets),
          ]),
          ...onsetLine(regimes.onsets, unit),
        ]
  const worst = sensors.worst.map(
    ({ id, model, persistence }) => `${id} ${figure(model)} (persistence ${figure(persistence)})`,
  )
  const unknown =
    sensors.unknown.length === 0
      ? []
      : [`Sensors with too little history to be forecast by the model, so in no row: ${sensors.unknown.length}.`]
  return [
    ...rows,
    `Of ${count(sensors.forecast)} sensors it beats persistence on ${count(sensors.better)}, by MAE over the steps to ${last} minutes (${figure(model.mae.at(-1) ?? Number.NaN)} over all). Worst: ${worst.join(', ')}.`,
    ...unknown,
  ].join('\n\n')
}

const onsetLine = ({ share, mae, coverage }: Regime, unit: string): string[] =>
  share === 0
    ? []
    : [
        `Where a jam begins the model is off by ${figure(mae.model as number)} ${unit}, against ${figure(mae.persistence as number)} if all stayed as it is, and the band, meant to hold 80 of 100, holds ${percent(coverage)}: do not rely on it to foresee what nothing announces.`,
      ]

const protocol = ({ test, horizons, ridge, model }: Evaluation): string => {
  const windows = horizons.map(({ minutes }, i) => `${test.windows[i]} at ${minutes} min`).join(', ')
  const missing =
    test.missing === 0
      ? 'Nothing is missing in it, and nothing is masked'
      : `${percent(test.missing)} of the targets were not measured: they are masked and count in no row`
  return [
    `- ${PROTOCOL}, the last that would fit left out (${windows}); 12 readings in. ${missing}; ${count(test.used)} windows of a sensor used, ${count(test.dropped)} dropped because too little was measured.${
      test.every === 1 ? '' : ` Of the windows 1 in ${test.every} was judged, as memory is short.`
    }`,
    `- ${model.trainedHere ? TRAINED_HERE : GIVEN}`,
    `- Persistence: the newest reading. Slot mean: readings within ten minutes of the same time on days of the same kind (working day or weekend), before the test part. Ridge: the same features, of what precedes the test part alone, Cholesky, lambda ${ridge.lambda} chosen on the last day before the test part, then fitted to that day, too.`,
  ].join('\n')
}

const TRAINED_HERE =
  'This command fitted nothing to the test part and chose nothing by it: epochs and band by the last day before it, whose targets no fit has seen. Of choices made before it, such as those of the features, it knows nothing.'
const GIVEN =
  'The model was there before: by its own account its training ends before the test part; whether it was chosen by that part is not known here. Slot mean and ridge saw nothing of it.'

const inputs = ({ benchmark }: Evaluation): string =>
  `Beside the twelve readings of the sensor: the time of day and whether it is a weekend, what is usual at that time (before the test part), mean and deviation of the sensor, and the readings of up to six neighbours. ${
    benchmark === undefined
      ? 'Ridge has the same.'
      : `${benchmark.model} takes the readings and the road graph alone; ridge has the same as the model, so the two tell what the network adds, and persistence what all of it does.`
  }\n`
