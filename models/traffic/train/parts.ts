import { DatasetError } from '#shared/dataset/description.ts'
import { DAY_MS } from '../calendar.ts'
import { featureNames } from '../features.ts'
import type { Grid } from '../grid.ts'
import { range } from '../range.ts'
import { type Samples, samplesOf } from '../samples.ts'
import type { Statistics } from '../sidecar.ts'
import { fitStatistics, type Link } from '../statistics.ts'
import { horizonsOf, LAGS, stepsAhead } from '../window.ts'

/** What a model is fitted to and chosen by. */
export interface Parts {
  statistics: Statistics
  centre: number
  /** First row of the last day, on which a model is chosen. */
  validationRow: number
  /** 1 where each row before is the end of a window, 2 where every other is, and so on. */
  every: number
  training: Samples
  validation: Samples
}

/** Fewer samples than these teach nothing. */
const FEWEST = 200
/** Features and targets, 360 MB: of more, every other row and so on is left out, as memory, not time, is short then. */
const MOST_NUMBERS = 90_000_000

/** How far from one row to the next that is taken, so that the samples of so many rows and sensors fit into memory. */
export const strideOf = (rows: number, sensors: number, stepMs: number, most = MOST_NUMBERS): number => {
  const width = featureNames(horizonsOf(stepMs).length).length + stepsAhead(stepMs)
  return Math.max(1, Math.ceil((rows * sensors * width) / most))
}

/**
 * Splits a grid in time: the last 24 hours choose the model and its band, all that lies before is what it is fitted to.
 * No window and no hour ahead reaches over the border. Throws DatasetError where there is too little.
 */
export const partsOf = (grid: Grid, links: readonly Link[], most = MOST_NUMBERS): Parts => {
  const { rows, stepMs, values } = grid
  const day = Math.round(DAY_MS / stepMs)
  const validationRow = rows - day
  const long = `${(rows / day).toFixed(1)} days`
  if (validationRow < 2 * day)
    throw new DatasetError(`the data hold ${long}: training takes 3 at least, of which the last chooses the model`)
  const statistics = fitStatistics(grid, links, rows)
  if (statistics.sensors.length === 0) throw new DatasetError(`no sensor has a day of readings in these ${long}`)
  const fit = { statistics, untilRow: rows, centre: meanOf(values) }
  const every = strideOf(validationRow, statistics.sensors.length, stepMs, most)
  const training = samplesOf(grid, fit, range(LAGS - 1, validationRow - stepsAhead(stepMs), every))
  const validationEvery = strideOf(day, statistics.sensors.length, stepMs, most)
  const validation = samplesOf(grid, fit, range(validationRow + LAGS - 1, rows - 1, validationEvery))
  for (const [name, { last }] of Object.entries({ 'before the last day': training, 'on the last day': validation }))
    if (last.length < FEWEST)
      throw new DatasetError(
        `${last.length} windows ${name} can be used, fewer than ${FEWEST}: too many readings are missing in these ${long}`,
      )
  return { ...fit, validationRow, every, training, validation }
}

/** Seven digits, so that its file and float32 hold the same number. */
const meanOf = (values: Float32Array): number => {
  let [n, sum] = [0, 0]
  for (const value of values) {
    if (Number.isNaN(value)) continue
    n += 1
    sum += value
  }
  return Number((sum / n).toPrecision(7))
}
