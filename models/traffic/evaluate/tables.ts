import type { Errors } from './errors.ts'
import { type Compared, FORECASTS, type ForecastName } from './evaluation.ts'

/** How tables name the forecasts. */
export const TITLES: Record<ForecastName, string> = {
  persistence: 'persistence',
  slotMean: 'slot mean',
  ridge: 'ridge, same features',
  model: 'this model',
}

/** A name of a winner as tables write it. */
export const titleOf = (name: string): string => TITLES[name as ForecastName] ?? name

/** Cells of one definition of an error: a header, a row a forecast, the winners. */
export const errorRows = (
  minutes: readonly number[],
  compared: Compared,
  winners: Record<keyof Errors, string[]>,
  published?: { model: string; errors: Errors },
): string[][] => {
  const cells = ({ rmse, mae }: Errors) => rmse.map((error, i) => `${figure(error)} / ${figure(mae[i] as number)}`)
  const best = winners.rmse.map((name, i) => {
    const [rmse, mae] = [titleOf(name), titleOf(winners.mae[i] as string)]
    return rmse === mae ? rmse : `${rmse} / ${mae}`
  })
  return [
    ['RMSE / MAE', ...minutes.map((n) => `${n} min`)],
    ...FORECASTS.map((name) => [TITLES[name], ...cells(compared[name])]),
    ...(published === undefined ? [] : [[`${published.model}, as published`, ...cells(published.errors)]]),
    ['least', ...best],
  ]
}

/** Three decimals, as the figures of the literature are compared. */
export const figure = (error: number): string => error.toFixed(3)

/** `79.6 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** A table in Markdown. */
export const markdown = ([header = [], ...rows]: string[][]): string =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
