import { type Calendar, openCalendar } from './calendar.ts'
import type { Grid } from './grid.ts'
import { range } from './range.ts'

/** Readings within this many minutes of a time of day tell what is usual then. */
const AROUND_MS = 10 * 60_000

/** The local times of the rows of a grid. */
export interface GridTimes {
  slots: number
  slot: Int32Array
  day: Int32Array
  weekend: Uint8Array
  dayShare: Float64Array
}

/** Reads the calendar once for all rows of a grid, and `ahead` rows behind its end. */
export const timesOf = ({ start, stepMs, rows, timeZone }: Grid, ahead = 0): GridTimes => {
  const calendar: Calendar = openCalendar(timeZone, stepMs)
  const n = rows + ahead
  const times: GridTimes = {
    slots: calendar.slots,
    slot: new Int32Array(n),
    day: new Int32Array(n),
    weekend: new Uint8Array(n),
    dayShare: new Float64Array(n),
  }
  for (let row = 0; row < n; row++) {
    const { slot, day, weekend, dayShare } = calendar.at(start + row * stepMs)
    times.slot[row] = slot
    times.day[row] = day
    times.weekend[row] = weekend ? 1 : 0
    times.dayShare[row] = dayShare
  }
  return times
}

/** What is usual for the sensors of a grid. */
export interface Usual {
  /** Readings of each sensor. */
  count: Float64Array
  mean: Float32Array
  sd: Float32Array
  /** (2 kinds of day × slots) × sensors, weekdays first; NaN where no reading tells. */
  profile: Float32Array
}

/** Four significant digits: what is written into a file is what is reckoned with. */
export const rounded = (value: number): number => {
  if (value === 0 || !Number.isFinite(value)) return value
  const unit = 10 ** (3 - Math.floor(Math.log10(Math.abs(value))))
  return Math.round(value * unit) / unit
}

/** Sums over some rows: of each sensor, and of each sensor at each time of weekdays and weekends. */
interface Sums {
  count: Float64Array
  sum: Float64Array
  squares: Float64Array
  slotCount: Float64Array
  slotSum: Float64Array
}

/**
 * Sums up the rows before `untilRow` once; answers what is usual on all local days but those of `without`, whose rows alone
 * are taken off again then: years of days must not be summed up for each of them. Sums of float32 readings in float64 lose
 * nothing by that while those of a sensor lie within some nine digits of each other.
 */
export const openUsual = ({ sensors, stepMs, values }: Grid, times: GridTimes, untilRow: number) => {
  const width = sensors.length
  const { slots } = times
  const count = (to: Sums, rows: Iterable<number>, sign: 1 | -1): void => {
    for (const row of rows) {
      const slot = ((times.weekend[row] as number) * slots + (times.slot[row] as number)) * width
      for (let i = 0; i < width; i++) {
        const value = values[row * width + i] as number
        if (Number.isNaN(value)) continue
        add(to.count, i, sign)
        add(to.sum, i, sign * value)
        add(to.squares, i, sign * value * value)
        add(to.slotCount, slot + i, sign)
        add(to.slotSum, slot + i, sign * value)
      }
    }
  }
  const zeros = (n: number) => new Float64Array(n)
  const slotted = 2 * slots * width
  const all = {
    ...{ count: zeros(width), sum: zeros(width), squares: zeros(width) },
    ...{ slotCount: zeros(slotted), slotSum: zeros(slotted) },
  }
  count(all, range(0, untilRow), 1)

  /** A clock that is put back over midnight gives a day in two pieces. */
  const rowsOf = (day: number): number[] =>
    range(Math.max(0, times.day.indexOf(day)), Math.min(untilRow, times.day.lastIndexOf(day) + 1)).filter(
      (row) => times.day[row] === day,
    )

  return (without: ReadonlySet<number>): Usual => {
    const of: Sums = {
      ...{ count: all.count.slice(), sum: all.sum.slice(), squares: all.squares.slice() },
      ...{ slotCount: all.slotCount.slice(), slotSum: all.slotSum.slice() },
    }
    for (const day of without) count(of, rowsOf(day), -1)
    const mean = of.sum.map((total, i) => meanOf(total, of.count[i] as number))
    return {
      count: of.count,
      mean: Float32Array.from(mean, rounded),
      sd: Float32Array.from(of.squares, (total, i) =>
        rounded(Math.sqrt(Math.max(meanOf(total, of.count[i] as number) - (mean[i] as number) ** 2, 0))),
      ),
      profile: smoothed(of.slotSum, of.slotCount, slots, width, Math.floor(AROUND_MS / stepMs)),
    }
  }
}

const add = (array: Float64Array, at: number, value: number): void => {
  array[at] = (array[at] as number) + value
}

/** What was taken off again may leave a trace of rounding, where nothing is. */
const meanOf = (total: number, n: number): number => (n === 0 ? Number.NaN : total / n)

/** The mean over the slots around each, midnight bridged; NaN where there is nothing to take one of. */
const smoothed = (sum: Float64Array, count: Float64Array, slots: number, width: number, around: number) => {
  const profile = new Float32Array(sum.length)
  for (let kind = 0; kind < 2; kind++)
    for (let slot = 0; slot < slots; slot++)
      for (let i = 0; i < width; i++) {
        let total = 0
        let n = 0
        for (let near = slot - around; near <= slot + around; near++) {
          const at = (kind * slots + ((near + slots) % slots)) * width + i
          total += sum[at] as number
          n += count[at] as number
        }
        profile[(kind * slots + slot) * width + i] = rounded(meanOf(total, n))
      }
  return profile
}

/** Fills what no reading tells, in place: the other kind of day, which all days are then; else the mean. */
export const fillProfile = (profile: Float32Array, mean: Float32Array): void => {
  const half = profile.length / 2
  for (let at = 0; at < half; at++) {
    const weekday = profile[at] as number
    const weekend = profile[at + half] as number
    const usual = mean[at % mean.length] as number
    if (Number.isNaN(weekday)) profile[at] = Number.isNaN(weekend) ? usual : weekend
    if (Number.isNaN(weekend)) profile[at + half] = Number.isNaN(weekday) ? usual : weekday
  }
}
