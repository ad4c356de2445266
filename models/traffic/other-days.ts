import type { Grid } from './grid.ts'
import { fillProfile, type GridTimes, openUsual } from './usual.ts'

/** What is usual for some sensors on some days. */
export interface OtherDays {
  /** A value a sensor; NaN where none of these days has a reading of it. */
  mean: Float32Array
  sd: Float32Array
  /** What is usual at the time of day of a row; not to be written to. */
  profileOf(row: number): Float32Array
}

/**
 * Opens what the days before `untilRow` tell of columns of a grid; each call leaves out the local days that a span of
 * rows lies in. A column of -1 is a sensor that the grid has not. Only the days of the last call are kept at hand, so spans
 * had better ascend.
 */
export const openOtherDays = (grid: Grid, times: GridTimes, untilRow: number, columns: Int32Array) => {
  const usualWithout = openUsual(grid, times, untilRow)
  let opened: { key: string; usual: OtherDays } | undefined
  const ofColumns = (values: Float32Array): Float32Array => {
    const all = grid.sensors.length
    const picked = new Float32Array((values.length / all) * columns.length)
    for (let row = 0; row * all < values.length; row++)
      for (const [i, column] of columns.entries())
        picked[row * columns.length + i] = column < 0 ? Number.NaN : (values[row * all + column] as number)
    return picked
  }
  const open = (without: ReadonlySet<number>): OtherDays => {
    const usual = usualWithout(without)
    fillProfile(usual.profile, usual.mean)
    const profile = ofColumns(usual.profile)
    return {
      mean: ofColumns(usual.mean),
      sd: ofColumns(usual.sd),
      profileOf(row) {
        const slot = (times.weekend[row] as number) * times.slots + (times.slot[row] as number)
        return profile.subarray(slot * columns.length, (slot + 1) * columns.length)
      },
    }
  }
  return (first: number, last: number): OtherDays => {
    const days = new Set(times.day.subarray(first, last + 1))
    const key = [...days].join()
    if (opened?.key !== key) opened = { key, usual: open(days) }
    return opened.usual
  }
}
