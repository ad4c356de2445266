import { describe, expect, it } from '@jest/globals'
import type { Grid } from '../grid.ts'
import { samplesOf } from '../samples.ts'
import { fitStatistics } from '../statistics.ts'
import { randomFrom } from '../train/random.ts'
import { before, simplerForecasts } from './forecasts.ts'

const DAY = 144
const START = 4 * DAY
const ROWS = Array.from({ length: 100 }, (_, i) => START + 11 + i)
const links = [{ from: 0, to: 1, weight: 1 }]

/** Five days of three sensors by ten minutes, slower in the second half of the day. */
const grid = (seed = 1, level = 50): Grid => {
  const random = randomFrom(seed)
  const values = Float32Array.from({ length: 5 * DAY * 3 }, (_, at) =>
    Math.floor(at / 3) % DAY < DAY / 2 ? level + 10 * random() : level - 10 + 10 * random(),
  )
  const start = Date.parse('2026-03-02T00:00:00Z')
  return { sensors: ['a', 'b', 'c'], start, stepMs: 600_000, rows: 5 * DAY, values, timeZone: 'UTC' }
}
/** The windows of the test part as a model sees them whose statistics are of a grid, in the order of its sensors. */
const samplesBy = (other: Grid, centre: number, order = [0, 1, 2]) => {
  const { sensors } = fitStatistics(before(other, START), [], START)
  const picked = order.flatMap((i) => sensors[i] ?? [])
  return samplesOf(grid(), { statistics: { sensors: picked }, untilRow: START, centre }, ROWS)
}
const ridgeOf = (samples: ReturnType<typeof samplesBy>) => {
  const { ridge } = simplerForecasts(grid(), links, START, samples)
  const steps = samples.y.length / samples.last.length
  return new Map(
    Array.from(samples.row, (row, n) => [
      `${row} ${samples.sensor[n]}`,
      [...ridge.subarray(n * steps, (n + 1) * steps)],
    ]),
  )
}

describe('simplerForecasts', () => {
  it('gives ridge features of the rows before the test part, whatever the model judged beside it knows', () => {
    const here = ridgeOf(samplesBy(grid(), 50))
    expect(here.size).toBe(300)
    // A model of slower days, with another centre and its sensors in another order.
    expect(ridgeOf(samplesBy(grid(2, 30), 7, [2, 0, 1]))).toEqual(here)
  })

  it('takes the newest reading where ridge knows no such window', () => {
    const given = grid()
    // Too little of it before the test part to have statistics.
    for (let row = 0; row < START; row++) given.values[row * 3 + 1] = Number.NaN
    const samples = samplesBy(grid(), 50)
    const { ridge, persistence } = simplerForecasts(given, links, START, samples)
    const steps = samples.y.length / samples.last.length
    const of = (sensor: number, forecast: Float32Array) =>
      [...forecast].filter((_, at) => samples.sensor[Math.floor(at / steps)] === sensor)
    expect(of(1, ridge)).toEqual(of(1, persistence))
    expect(of(0, ridge)).not.toEqual(of(0, persistence))
  })

  it('says what is too short where a model is given', () => {
    expect(() => simplerForecasts(grid(), links, 2 * DAY, samplesBy(grid(), 50))).toThrow(
      'before the test part, where ridge and a model learn: the data hold 2.0 days',
    )
  })
})
