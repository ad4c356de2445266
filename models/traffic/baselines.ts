import type { Grid } from './grid.ts'
import type { Samples } from './samples.ts'
import { fillProfile, openUsual, timesOf } from './usual.ts'
import { stepsAhead } from './window.ts'

/** Forecasts of samples: samples × steps, in the unit of the readings. */
export type Forecast = (samples: Samples) => Float32Array

/** All stays as it is. */
export const persistence: Forecast = ({ y, last }) => {
  const steps = y.length / last.length
  return y.map((_, at) => last[Math.floor(at / steps)] as number)
}

/**
 * What is usual at that time of day on days of its kind (working day or weekend), by the rows before `untilRow`; the
 * newest reading for a sensor that has none there.
 */
export const slotMean = (grid: Grid, untilRow: number): Forecast => {
  const times = timesOf(grid, stepsAhead(grid.stepMs))
  const { profile, mean } = openUsual(grid, times, untilRow)(new Set())
  fillProfile(profile, mean)
  const sensors = grid.sensors.length
  return ({ y, last, row, sensor }) => {
    const steps = y.length / last.length
    return y.map((_, at) => {
      const sample = Math.floor(at / steps)
      const then = (row[sample] as number) + (at % steps) + 1
      const slot = (times.weekend[then] as number) * times.slots + (times.slot[then] as number)
      const usual = profile[slot * sensors + (sensor[sample] as number)] as number
      return Number.isNaN(usual) ? (last[sample] as number) : usual
    })
  }
}
