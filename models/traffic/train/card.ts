import type { Sidecar } from '../sidecar.ts'
import { unitName } from '../unit-name.ts'

const MINUTE_MS = 60_000
/** More sensors than these are counted only. */
const MOST_NAMED = 20

/** `card.md`: what a model was made from, how it did, and what it cannot do. */
export const cardOf = (sidecar: Sidecar, without: readonly string[]): string => {
  const { measure, stepMs, steps, training, validation, horizons, features, statistics, onnx } = sidecar
  const unit = unitName(sidecar.unit)
  const inUnit = unit === '' ? '' : `, ${unit}`
  const minutes = (ms: number) => `${Math.round((ms / MINUTE_MS) * 10) / 10} minutes`
  return `# Forecasts of ${measure} in ${horizons.map((horizon) => horizon.minutes).join(', ')} minutes

Trained on *${training.title}*: ${training.rows} steps of ${minutes(stepMs)} from ${training.from} to ${training.until}
(${sidecar.timeZone}), ${statistics.sensors} sensors, ${count(training.windows.used)} windows (${count(training.windows.dropped)} dropped for missing readings).${
    training.origin === undefined ? '' : `\nOrigin of the data: ${training.origin}.`
  }

Networks that stand side by side in one of ${count(onnx.weights)} weights, for all sensors: from ${features.length} features of the last twelve readings, the time of day, what is
usual for the sensor, and up to six neighbours, to P10, P50 and P90 of the next ${steps} steps. Seed ${training.seed}, ${training.epochs} epochs. The same
data and seed make the same bytes.

## On the day that chose it

${validation.from} to ${validation.until}, not seen by the fit; RMSE / MAE at the step${inUnit}:

${figures(sidecar)}

The band is meant to hold 80 of 100 readings; its width was set on this same day, so this coverage proves nothing. Errors on days
that chose nothing are told by \`junction evaluate\`, and in a running city by its own scores.

## What it cannot do

- It knows no other city: train one for each. A sensor it has not seen gets its newest reading as forecast.
- It does not foresee what nothing announces: crashes, closures, the very start of a jam.
- It knows the time of day and whether it is a weekend; holidays and events count as any other day.
- The band follows from the days it was fitted to. It is no guarantee where traffic changes for good.
${sensorsWithout(without)}`
}

const count = (n: number): string => n.toLocaleString('en-US')

const sensorsWithout = (ids: readonly string[]): string => {
  if (ids.length === 0) return ''
  const named = ids.slice(0, MOST_NAMED).join(', ')
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : ''
  return `\n## Sensors without history\n\nLess than a day of readings, so their newest reading is the forecast: ${named}${more}.\n`
}

/** The figures of the last day as a table in Markdown. */
const figures = ({ horizons, validation }: Sidecar): string => {
  const { model, ridge, slotMean, persistence, coverage } = validation
  const row = (name: string, cells: string[]) => `| ${[name, ...cells].join(' | ')} |`
  const errors = ({ mae, rmse }: typeof model) =>
    rmse.map((error, i) => `${error.toFixed(2)} / ${(mae[i] as number).toFixed(2)}`)
  return [
    row(
      'forecast',
      horizons.map(({ minutes }) => `${minutes} min`),
    ),
    row(
      '---',
      horizons.map(() => '---'),
    ),
    row('model', errors(model)),
    row('ridge', errors(ridge)),
    row('slot mean', errors(slotMean)),
    row('persistence', errors(persistence)),
    row(
      'in the band',
      coverage.map((share) => `${(100 * share).toFixed(1)} %`),
    ),
  ].join('\n')
}
