import { describe, expect, it } from '@jest/globals'
import type { Grid } from './grid.ts'
import { openOtherDays } from './other-days.ts'
import { timesOf } from './usual.ts'

const DAY = 24
/** Monday to Wednesday by the hour: 10, 20, 30. */
const grid: Grid = {
  ...{ sensors: ['a'], start: Date.parse('2026-03-02T00:00:00Z'), stepMs: 3_600_000, rows: 3 * DAY, timeZone: 'UTC' },
  values: Float32Array.from({ length: 3 * DAY }, (_, row) => 10 * (1 + Math.floor(row / DAY))),
}
const open = () => openOtherDays(grid, timesOf(grid), grid.rows, Int32Array.of(0))

describe('openOtherDays', () => {
  it('leaves out each day that a span lies in', () => {
    const otherDays = open()
    expect([...otherDays(0, 23).mean]).toEqual([25])
    expect([...otherDays(20, 30).mean]).toEqual([30])
    expect([...otherDays(24, 30).mean]).toEqual([20])
  })

  it('leaves out all of a day that a clock, put back over midnight, gives in two pieces', () => {
    // In St. John's 2010-11-07 began, and after a minute it was the 6th again for an hour.
    const [timeZone, rows] = ['America/St_Johns', 3 * 288]
    const twice = { ...grid, timeZone, rows, start: Date.parse('2010-11-06T02:30:00Z'), stepMs: 300_000 }
    const times = timesOf(twice)
    const noon = 288 + 150
    const values = Float32Array.from(times.day, (day) => (day === times.day[noon] ? 99 : 10))
    expect([...openOtherDays({ ...twice, values }, times, rows, Int32Array.of(0))(noon, noon + 1).mean]).toEqual([10])
  })

  it('knows nothing of a sensor whose only day is left out, not even a trace of rounding', () => {
    // 1e30 + 0.1 - 1e30 - 0.1 is not 0.
    const values = grid.values.map((_, row) => (row === 3 ? 1e30 : row === 4 ? 0.1 : Number.NaN))
    const without = openOtherDays({ ...grid, values }, timesOf(grid), grid.rows, Int32Array.of(0))(0, 23)
    expect([...without.mean, ...without.sd, ...without.profileOf(3), ...without.profileOf(27)]).toEqual(
      new Array(4).fill(Number.NaN),
    )
  })

  it('sums up once for spans of the same days, and keeps no other day, of which a year has many', () => {
    const otherDays = open()
    const monday = otherDays(0, 12)
    expect(otherDays(1, 13)).toBe(monday)
    otherDays(24, 30)
    expect(otherDays(0, 12)).not.toBe(monday)
    expect(otherDays(0, 12).mean).toEqual(monday.mean)
  })
})
