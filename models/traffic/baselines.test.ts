import { describe, expect, it } from '@jest/globals'
import { persistence, slotMean } from './baselines.ts'
import type { Grid } from './grid.ts'
import { chooseRidge, fitRidge } from './ridge.ts'
import type { Samples } from './samples.ts'

const HOUR_MS = 3_600_000

/** Two sensors, a row an hour, from Friday 6 March 2026, 00:00 in Vienna; the second one never measured anything. */
const grid: Grid = {
  sensors: ['a', 'b'],
  start: Date.parse('2026-03-06T00:00:00+01:00'),
  stepMs: HOUR_MS,
  rows: 6 * 24,
  // On the day d, counted from 0, a sensor shows 10 × d plus the hour.
  values: Float32Array.from({ length: 2 * 6 * 24 }, (_, at) =>
    at % 2 === 0 ? Math.floor(at / 48) * 10 + ((at / 2) % 24) : Number.NaN,
  ),
  timeZone: 'Europe/Vienna',
}

const samples = (sample: Partial<Record<'x' | 'y' | 'last' | 'row' | 'sensor', number[]>>): Samples => ({
  x: Float32Array.from(sample.x ?? []),
  y: Float32Array.from(sample.y ?? []),
  last: Float32Array.from(sample.last ?? []),
  row: Int32Array.from(sample.row ?? []),
  sensor: Int32Array.from(sample.sensor ?? []),
  dropped: 0,
})

describe('persistence', () => {
  it('repeats the newest reading at each step', () => {
    expect([...persistence(samples({ y: [0, 0, 0, 0, 0, 0], last: [7, 9] }))]).toEqual([7, 7, 7, 9, 9, 9])
  })
})

describe('the slot mean', () => {
  // Known are Friday (0), Saturday (1), Sunday (2) and Monday (3): row 96 is Tuesday, 00:00.
  const forecast = slotMean(grid, 96)

  it('is the mean of the same hour on days of the same kind', () => {
    // An hour after Tuesday 07:00: Friday showed 8, Monday 38.
    expect([...forecast(samples({ y: [0], last: [1], row: [103], sensor: [0] }))]).toEqual([23])
  })

  it('tells weekends from working days', () => {
    // An hour after Saturday 07:00: Saturday showed 18, Sunday 28.
    expect([...forecast(samples({ y: [0], last: [1], row: [31], sensor: [0] }))]).toEqual([23])
    expect([...slotMean(grid, 48)(samples({ y: [0], last: [1], row: [31], sensor: [0] }))]).toEqual([18])
  })

  it('sees nothing from its limit on', () => {
    const later = { ...grid, values: grid.values.map((value, at) => (at < 2 * 96 ? value : 1000)) }
    const asked = samples({ y: [0], last: [1], row: [103], sensor: [0] })
    expect(slotMean(later, 96)(asked)).toEqual(forecast(asked))
    expect(slotMean(later, 144)(asked)).not.toEqual(forecast(asked))
  })

  it('is the newest reading for a sensor without any', () => {
    expect([...forecast(samples({ y: [0], last: [42], row: [103], sensor: [1] }))]).toEqual([42])
  })
})

describe('ridge', () => {
  // The change is 2 × the first feature − 3 at the first step, and 1 at the second; the other feature says nothing.
  const x = [0, 5, 1, 5, 2, 5, 3, 5]
  const fit = samples({ x, y: [7, 11, 9, 11, 11, 11, 13, 11], last: [10, 10, 10, 10] })

  it('finds what is linear', () => {
    const forecast = fitRidge([fit], 1e-9)(samples({ x: [10, 5, 4, 5], y: [0, 0, 0, 0], last: [20, 0] }))
    expect([...forecast].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([37, 21, 5, 1])
  })

  it('shrinks towards the mean change', () => {
    // 2 × 0 − 3 is −3, the mean change is 0; half of the way at a lambda as large as the variance of what is standardised.
    expect(fitRidge([fit], 1)(samples({ x: [0, 5], y: [0, 0], last: [10] }))[0]).toBeCloseTo(8.5, 5)
  })

  it('leaves out samples whose targets are not all there', () => {
    const gappy = samples({ x: [...x, 9, 5], y: [...fit.y, 500, Number.NaN], last: [...fit.last, 10] })
    const asked = samples({ x: [1, 5], y: [0, 0], last: [10] })
    expect(fitRidge([gappy], 0.1)(asked)).toEqual(fitRidge([fit], 0.1)(asked))
  })

  it('is the same however the samples are parted', () => {
    const half = (from: number) =>
      samples({
        x: x.slice(4 * from, 4 * from + 4),
        y: [...fit.y].slice(4 * from, 4 * from + 4),
        last: [10, 10],
      })
    const asked = samples({ x: [1, 5], y: [0, 0], last: [10] })
    expect(fitRidge([half(0), half(1)], 0.1)(asked)).toEqual(fitRidge([fit], 0.1)(asked))
  })

  it('is persistence where there is nothing to learn from', () => {
    const nothing = samples({ x: [1, 2], y: [Number.NaN, Number.NaN], last: [3] })
    expect([...fitRidge([nothing], 0.1)(samples({ x: [4, 4], y: [0, 0], last: [6] }))]).toEqual([6, 6])
  })

  it('takes the lambda that does best on what the fit has not seen', () => {
    const truth = samples({ x: [10, 5], y: [27, 11], last: [10] })
    const shrunk = samples({ x: [10, 5], y: [11, 11], last: [10] })
    expect(chooseRidge(fit, truth).lambda).toBe(1e-5)
    expect(chooseRidge(fit, shrunk).lambda).toBe(0.1)
  })
})
