import { LAGS } from '../features.ts'
import { range } from '../range.ts'

/** The protocol by its name, for reports. */
export const PROTOCOL = 'T-GCN loader: first 80 % of the rows to train, windows inside the rest'

/** First row of the test part: the last fifth in time. */
export const testStart = (rows: number): number => Math.floor(rows * 0.8)

/** The newest rows of the windows by which forecasts of 1 to `step` steps are judged. */
export interface Windows {
  from: number
  /** One past the last. */
  until: number
}

/**
 * Windows lie whole inside the test part, inputs and targets, and the loader's `range(length - 12 - step)` leaves out the
 * last one that would fit.
 */
export const windowsOf = (rows: number, step: number): Windows => ({
  from: testStart(rows) + LAGS - 1,
  until: rows - step - 1,
})

/** The newest rows of every so many windows of some steps ahead (ascending), and how many of them are judged at each. */
export const judgedRows = (
  rows: number,
  steps: readonly number[],
  every: number,
): { rows: number[]; windows: number[] } => {
  const { from, until } = windowsOf(rows, steps[0] ?? 1)
  const judged = range(from, until, every)
  return {
    rows: judged,
    windows: steps.map((step) => judged.filter((row) => row < windowsOf(rows, step).until).length),
  }
}
