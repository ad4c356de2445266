import { describe, expect, it } from '@jest/globals'
import { featureNames } from './features.ts'
import type { Grid } from './grid.ts'
import { samplesOf } from './samples.ts'
import { fitStatistics } from './statistics.ts'

const gap = Number.NaN
const HALF_HOUR = 1_800_000
const DAY = 48

/** Monday to Thursday by the half hour; the first sensor shows the day (10, 20, 30, 40), the second one 5. */
const grid = (): Grid => ({
  sensors: ['a', 'b'],
  start: Date.parse('2026-03-02T00:00:00Z'),
  stepMs: HALF_HOUR,
  rows: 4 * DAY,
  values: Float32Array.from({ length: 8 * DAY }, (_, at) => (at % 2 === 0 ? 10 * (1 + Math.floor(at / 2 / DAY)) : 5)),
  timeZone: 'UTC',
})
const NAMES = featureNames(2)
const samples = (given: Grid, rows: number[], untilRow = given.rows) =>
  samplesOf(given, { statistics: fitStatistics(given, [], untilRow), untilRow, centre: 0 }, rows)
const feature = (x: Float32Array, n: number, name: string) => x[n * NAMES.length + NAMES.indexOf(name)]

describe('samplesOf', () => {
  it('pairs windows with the readings of the hour ahead', () => {
    const { x, y, last, row, sensor, dropped } = samples(grid(), [30, 47])
    expect(x.length).toBe(4 * NAMES.length)
    expect([...row]).toEqual([30, 30, 47, 47])
    expect([...sensor]).toEqual([0, 1, 0, 1])
    expect([...last]).toEqual([10, 5, 10, 5])
    expect([...y]).toEqual([10, 10, 5, 5, 20, 20, 5, 5])
    expect(dropped).toBe(0)
  })

  it('takes what is usual from other days than those the readings and the targets lie in', () => {
    // Row 60 lies in Tuesday: Monday, Wednesday and Thursday tell; row 47 is Monday's last: its targets are Tuesday's.
    const { x } = samples(grid(), [60, 47])
    expect(feature(x, 0, 'belowProfile')).toBeCloseTo(26.67 - 20, 4)
    expect(feature(x, 0, 'belowMean')).toBeCloseTo(26.67 - 20, 4)
    expect(feature(x, 0, 'sd')).toBeCloseTo(12.47, 4)
    expect(feature(x, 2, 'belowProfile')).toBe(35 - 10)
  })

  it('takes it from all the statistics know behind their end', () => {
    const { x } = samples(grid(), [2 * DAY + 20], 2 * DAY + 10)
    // Monday, Tuesday and five hours of Wednesday, of which 10:00 is not one.
    expect(feature(x, 0, 'belowProfile')).toBe(15 - 30)
  })

  it('drops windows of which too little is known, rows without a target, and sensors without another day', () => {
    const given = grid()
    const clear = (sensor: number, from: number, to: number) => {
      for (let row = from; row <= to; row++) given.values[row * 2 + sensor] = gap
    }
    clear(0, 29, 30)
    clear(1, 61, 62)
    clear(1, 100, 100)
    clear(0, DAY * 3, DAY * 4)
    const { row, sensor, y, dropped } = samples(given, [30, 60, 99, 4 * DAY - 1])
    expect([...row].map((base, n) => `${base} ${sensor[n]}`)).toEqual(['30 1', '60 0', '99 0', '99 1'])
    expect([...y].slice(6)).toEqual([gap, 5])
    expect(dropped).toBe(4)

    const short = grid()
    for (let at = 2 * DAY; at < short.values.length; at += 2) short.values[at] = gap
    expect([...samples(short, [20]).sensor]).toEqual([1])
  })

  it('has no number that is none, where a neighbour has measured on no other day', () => {
    const short = grid()
    for (let at = 2 * DAY; at < short.values.length; at += 2) short.values[at] = gap
    const statistics = fitStatistics(short, [{ from: 0, to: 1, weight: 1 }], short.rows)
    const { x, sensor } = samplesOf(short, { statistics, untilRow: short.rows, centre: 0 }, [20, 70])
    expect([...sensor]).toEqual([1, 1])
    expect(x.some(Number.isNaN)).toBe(false)
  })

  it('passes over a sensor that the grid has not', () => {
    const statistics = fitStatistics({ ...grid(), sensors: ['a', 'gone'] }, [], 4 * DAY)
    for (const untilRow of [0, 4 * DAY])
      expect([...samplesOf(grid(), { statistics, untilRow, centre: 0 }, [60]).sensor]).toEqual([0])
  })

  it('passes over a sensor that the statistics do not know', () => {
    const given = grid()
    for (let row = 0; row < 4 * DAY - 20; row++) given.values[row * 2] = gap
    expect([...samples(given, [4 * DAY - 5]).sensor]).toEqual([1])
  })

  it('has no window before the twelfth row', () => {
    expect(samples(grid(), [10, 11]).row).toEqual(Int32Array.of(11, 11))
  })
})
