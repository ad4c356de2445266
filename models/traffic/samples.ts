import { featureNames, type Moment, writeFeatures } from './features.ts'
import type { Grid } from './grid.ts'
import { openOtherDays } from './other-days.ts'
import type { Statistics } from './sidecar.ts'
import { openStatistics } from './statistics.ts'
import { timesOf } from './usual.ts'
import { horizonsOf, LAGS, stepsAhead } from './window.ts'

/** What a model's features follow from. */
export interface Fit {
  statistics: Statistics
  /** The first row that the statistics have not seen. */
  untilRow: number
  /** Taken from the newest reading; in the unit of the readings. */
  centre: number
}

/** What a model is fitted or judged on: n pairs of a row and a sensor. */
export interface Samples {
  /** n × features. */
  x: Float32Array
  /** n × steps: the readings 1 to `steps` rows on, in their unit; NaN where nothing was measured. */
  y: Float32Array
  /** Newest reading, carried where it is missing. */
  last: Float32Array
  /** Row of the newest reading. */
  row: Int32Array
  /** Column of the grid. */
  sensor: Int32Array
  /** Pairs left out: too little in the window, or nothing to compare with in the hour ahead. */
  dropped: number
}

/**
 * The samples of the sensors that the statistics know, at windows that end in `rows`. A row the statistics have seen
 * takes what is usual from other days than those its readings and targets lie in, or the fit would see its own answers.
 */
export const samplesOf = (grid: Grid, fit: Fit, rows: readonly number[]): Samples => {
  const { sensors, ids, profileAt } = openStatistics(fit.statistics, grid)
  const columns = Int32Array.from(ids.keys(), (id) => grid.sensors.indexOf(id))
  const steps = stepsAhead(grid.stepMs)
  const ahead = horizonsOf(grid.stepMs).map(({ step }) => step)
  const known = columns.length
  const width = featureNames(ahead.length).length
  const most = rows.length * known
  const out = { x: new Float32Array(most * width), usable: new Uint8Array(most), last: new Float32Array(most) }
  const y = new Float32Array(most * steps)
  const row = new Int32Array(most)
  const sensor = new Int32Array(most)
  const times = timesOf(grid, steps)
  const otherDays = openOtherDays(grid, times, fit.untilRow, columns)
  const readingsOf = openReadings(grid, columns)
  const moment: Moment = {
    readings: new Float32Array(LAGS * known),
    profile: new Float32Array((LAGS + ahead.length) * known),
    dayShare: 0,
    weekend: false,
  }
  const wanted = [...Array.from({ length: LAGS }, (_, lag) => lag - LAGS + 1), ...ahead]
  const targets = new Float32Array(steps * known)
  let n = 0
  for (const base of rows) {
    if (base < LAGS - 1 || base >= grid.rows) continue
    const own = base < fit.untilRow ? otherDays(base - LAGS + 1, base + steps) : undefined
    readingsOf(base - LAGS + 1, moment.readings)
    if (own !== undefined) forgetStrangers(moment.readings, own.mean)
    for (const [place, off] of wanted.entries())
      moment.profile.set(
        own?.profileOf(base + off) ?? profileAt(grid.start + (base + off) * grid.stepMs),
        place * known,
      )
    moment.dayShare = times.dayShare[base] as number
    moment.weekend = times.weekend[base] === 1
    const first = n
    writeFeatures(moment, own === undefined ? sensors : { ...sensors, ...own }, fit.centre, out, first)
    readingsOf(base + 1, targets)
    for (let i = 0; i < known; i++) {
      const from = first + i
      if (out.usable[from] === 0) continue
      let measured = 0
      for (let step = 0; step < steps; step++) {
        const target = targets[step * known + i] as number
        y[n * steps + step] = target
        if (!Number.isNaN(target)) measured += 1
      }
      if (measured === 0) continue
      if (from > n) out.x.copyWithin(n * width, from * width, (from + 1) * width)
      out.last[n] = out.last[from] as number
      row[n] = base
      sensor[n] = columns[i] as number
      n += 1
    }
  }
  return {
    x: out.x.subarray(0, n * width),
    y: y.subarray(0, n * steps),
    last: out.last.subarray(0, n),
    row: row.subarray(0, n),
    sensor: sensor.subarray(0, n),
    dropped: most - n,
  }
}

/** Copies rows of some columns of a grid, from a row on; NaN for what lies outside of it. */
const openReadings =
  ({ sensors, rows, values }: Grid, columns: Int32Array) =>
  (first: number, to: Float32Array) => {
    to.fill(Number.NaN)
    for (let at = 0, row = first; at < to.length && row < rows; row++)
      for (let i = 0; i < columns.length; i++, at++) {
        const column = columns[i] as number
        if (column >= 0) to[at] = values[row * sensors.length + column] as number
      }
  }

/** A sensor of which the other days tell nothing is none there, neither for itself nor for its neighbours; in place. */
const forgetStrangers = (readings: Float32Array, mean: Float32Array): void => {
  for (let place = 0; place < readings.length; place++)
    if (Number.isNaN(mean[place % mean.length])) readings[place] = Number.NaN
}
