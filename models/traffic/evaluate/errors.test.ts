import { describe, expect, it } from '@jest/globals'
import type { Samples } from '../samples.ts'
import { bandOf, errorsOf, type Test } from './errors.ts'
import { judgedRows, testStart, windowsOf } from './protocol.ts'
import { fixedLimits, regimesOf, sharedLimits } from './regimes.ts'

describe('the protocol', () => {
  it('is that of the published tables: 389, 386, 383 and 380 windows of Los-loop', () => {
    expect(testStart(2016)).toBe(1612)
    const counts = [3, 6, 9, 12].map((step) => windowsOf(2016, step)).map(({ from, until }) => until - from)
    expect(counts).toEqual([389, 386, 383, 380])
  })

  it('judges every so many windows where all would not fit into memory', () => {
    const { rows, windows } = judgedRows(2016, [3, 12], 100)
    expect(rows).toEqual([1623, 1723, 1823, 1923])
    expect(windows).toEqual([4, 4])
    expect(judgedRows(2016, [3, 12], 1).windows).toEqual([389, 380])
  })

  it('keeps inputs and targets inside the test part', () => {
    // The first window's oldest reading is row 1612; the last one's target at step 12 is row 2014, the last row but one.
    expect(windowsOf(2016, 12)).toEqual({ from: 1612 + 11, until: 2014 - 12 + 1 })
  })
})

// 100 rows: the test part starts at 80, its first window ends in row 91, its last one for 2 steps in row 96, for 1 in 97.
const samples: Samples = {
  x: new Float32Array(0),
  //                  unseen   |  step 1, 2                       | for step 1 only
  y: Float32Array.from([900, 900, 50, 60, 30, Number.NaN, 20, 40, 55, Number.NaN]),
  last: Float32Array.from([50, 50, 56, 60, 57]),
  row: Int32Array.from([90, 91, 92, 96, 97]),
  sensor: Int32Array.from([0, 0, 1, 0, 1]),
  dropped: 0,
}
const test: Test = { samples, rows: 100, horizons: [1, 2] }
const forecast = Float32Array.from([0, 0, 53, 64, 30, 0, 24, 40, 43, 0])

describe('errors', () => {
  it('are means over all steps to the horizon, and at its own step, of the windows of that horizon', () => {
    const { meanOverSteps, atStep } = errorsOf(test, forecast)
    // One step: off by 3, 0, 4 and 12. Two steps: 3, 4, 0, 4 and 0; at the second alone: 4 and 0.
    expect(meanOverSteps.mae).toEqual([19 / 4, 11 / 5])
    expect(meanOverSteps.rmse).toEqual([Math.sqrt(169 / 4), Math.sqrt(41 / 5)])
    expect(atStep.mae).toEqual([19 / 4, 2])
    expect(atStep.rmse).toEqual([Math.sqrt(169 / 4), Math.sqrt(8)])
  })
})

describe('the band', () => {
  it('is judged at the horizon’s own step, its edges within it', () => {
    const low = Float32Array.from([0, 0, 50, 61, 29, 0, 21, 30, 50, 0])
    const high = Float32Array.from([0, 0, 52, 65, 31, 9, 25, 40, 54, 9])
    // One step: 50 in 50–52, 30 in 29–31, 20 not in 21–25, 55 not in 50–54. Two: 60 not in 61–65, 40 in 30–40.
    expect(bandOf(test, low, high)).toEqual({ coverage: [0.5, 0.5], width: [(2 + 2 + 4 + 4) / 4, 7] })
  })
})

describe('regimes', () => {
  const band = { p10: Float32Array.from([0, 0, 0, 0, 30, 0, 21, 40, 0, 0]), p90: new Float32Array(10).fill(99) }
  const regimes = (free: number) => regimesOf(test, fixedLimits(free, 40, 'mph'), { model: forecast }, band)

  it('tell congested targets, and those that follow a free reading', () => {
    // Of 50, 60, 30, 20 and 40 over two steps, 30 and 20 are congested; 56 and 60 were read before them.
    expect(regimes(55).congested).toEqual({ share: 2 / 5, mae: { model: 2 }, coverage: 1 / 2 })
    expect(regimes(55).onsets).toEqual({ share: 2 / 5, mae: { model: 2 }, coverage: 1 / 2 })
    expect(regimes(57).congested.share).toBe(2 / 5)
    expect(regimes(57).onsets).toEqual({ share: 1 / 5, mae: { model: 4 }, coverage: 0 })
  })

  it('follow each sensor’s own free speed where no speeds are fixed', () => {
    // Sensor a shows 1 to 20, b ten times that: the 85th percentiles are 18 and 180.
    const grid = {
      ...{ sensors: ['a', 'b'], start: 0, stepMs: 300_000, rows: 21, timeZone: 'UTC' },
      values: Float32Array.from({ length: 42 }, (_, at) => {
        const row = Math.floor(at / 2)
        return row === 20 ? Number.NaN : (row + 1) * (at % 2 === 0 ? 1 : 10)
      }),
    }
    const limits = sharedLimits(grid, 21)
    expect([limits.free(0), limits.free(1)]).toEqual([18 * 0.85, 180 * 0.85])
    expect([limits.congested(0), limits.congested(1)]).toEqual([18 * 0.6, 180 * 0.6])
  })
})
