import type { Grid } from '../grid.ts'
import { forTargets, type Test } from './errors.ts'

/** From which speed on a sensor's traffic is free, and below which it is congested, in the unit of the readings. */
export interface Limits {
  free(sensor: number): number
  congested(sensor: number): number
  /** As a report says it. */
  words: string
}

/** Fixed speeds, as for a motorway. */
export const fixedLimits = (free: number, congested: number, unit: string): Limits => ({
  free: () => free,
  congested: () => congested,
  words: `free from ${free} ${unit}, congested below ${congested} ${unit}`,
})

const FREE_SHARE = 0.85
const CONGESTED_SHARE = 0.6
const FREE_SPEED = 0.85

/** Shares of each sensor's free speed, the 85th percentile of its rows before `until`. */
export const sharedLimits = ({ values, sensors }: Grid, until: number): Limits => {
  const free = sensors.map((_, sensor) => {
    const speeds = Array.from({ length: until }, (_, row) => values[row * sensors.length + sensor] as number)
    const known = speeds.filter((speed) => !Number.isNaN(speed)).sort((a, b) => a - b)
    return known[Math.floor(known.length * FREE_SPEED)] ?? Number.NaN
  })
  return {
    free: (sensor) => (free[sensor] as number) * FREE_SHARE,
    congested: (sensor) => (free[sensor] as number) * CONGESTED_SHARE,
    words: `free from ${FREE_SHARE}, congested below ${CONGESTED_SHARE} of the sensor's free speed`,
  }
}

/** Mean absolute errors where a single figure over free flow hides them. */
export interface Regime {
  /** Of all targets. */
  share: number
  mae: Record<string, number>
  /** Of its targets, those within the band. */
  coverage: number
}

/** Targets that are congested, and those of them that follow a free newest reading, over all steps to the last horizon. */
export const regimesOf = (
  test: Test,
  limits: Limits,
  forecasts: Record<string, Float32Array>,
  band: Record<'p10' | 'p90', Float32Array>,
): { onsets: Regime; congested: Regime } => {
  const names = Object.keys(forecasts)
  const sumOf = () => ({ n: 0, inside: 0, absolutes: names.map(() => 0) })
  const [onsets, congested] = [sumOf(), sumOf()]
  let all = 0
  forTargets(test, test.horizons.at(-1) ?? 1, 1, (truth, at, sample) => {
    const sensor = test.samples.sensor[sample] as number
    all += 1
    if (!(truth < limits.congested(sensor))) return
    const onset = (test.samples.last[sample] as number) >= limits.free(sensor)
    for (const sum of onset ? [congested, onsets] : [congested]) {
      sum.n += 1
      if (truth >= (band.p10[at] as number) && truth <= (band.p90[at] as number)) sum.inside += 1
      for (const [i, name] of names.entries())
        sum.absolutes[i] = (sum.absolutes[i] as number) + Math.abs(truth - (forecasts[name]?.[at] as number))
    }
  })
  const regime = ({ n, inside, absolutes }: ReturnType<typeof sumOf>): Regime => ({
    share: n / all,
    mae: Object.fromEntries(names.map((name, i) => [name, (absolutes[i] as number) / n])),
    coverage: inside / n,
  })
  return { onsets: regime(onsets), congested: regime(congested) }
}
