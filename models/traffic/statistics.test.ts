import { describe, expect, it } from '@jest/globals'
import type { Grid } from './grid.ts'
import { Statistics } from './sidecar.ts'
import { fitStatistics, type Link, openStatistics } from './statistics.ts'

const gap = Number.NaN
const HOUR = 3_600_000
const FRIDAY = Date.parse('2026-03-06T00:00:00Z')

/** Friday to Monday by the hour; a column a sensor, given by day. */
const hourly = (columns: Record<string, number[]>, more: Partial<Grid> = {}): Grid => ({
  sensors: Object.keys(columns),
  start: FRIDAY,
  stepMs: HOUR,
  rows: 96,
  values: Float32Array.from({ length: 96 }, (_, row) => row).reduce(
    (values, row) => {
      const sensors = Object.values(columns)
      sensors.forEach((days, i) => {
        values[row * sensors.length + i] = days[Math.floor(row / 24)] ?? gap
      })
      return values
    },
    new Float32Array(96 * Object.keys(columns).length),
  ),
  timeZone: 'UTC',
  ...more,
})
const all = (value: number) => new Array(24).fill(value)

describe('fitStatistics', () => {
  const grid = hourly({ a: [10, 30, 40, 20], b: [100 / 3], c: [gap, 7], d: [5, 5, 5, 5] })
  // A day of `c` but an hour.
  grid.values[24 * 4 + 2] = gap
  const links: Link[] = [
    { from: 0, to: 1, weight: 2 },
    { from: 1, to: 0, weight: 3 },
    { from: 0, to: 2, weight: 9 },
    { from: 3, to: 0, weight: 1 },
  ]
  const statistics = fitStatistics(grid, links, 96)

  it('tells what is usual on weekdays and weekends, to four digits', () => {
    expect(statistics.sensors[0]).toEqual({
      id: 'a',
      mean: 25,
      sd: 11.18,
      weekday: all(15),
      weekend: all(35),
      neighbours: [
        [1, 0.333333],
        [2, 0.111111],
      ],
    })
    expect(statistics.sensors[1]).toMatchObject({ mean: 33.33, sd: 0, weekday: all(33.33), weekend: null })
    expect(Statistics.parse(statistics)).toEqual(statistics)
  })

  it('leaves out who has less than a day of readings', () => {
    expect(statistics.sensors.map(({ id }) => id)).toEqual(['a', 'b', 'd'])
  })

  it('sees no row from `untilRow` on', () => {
    expect(fitStatistics(grid, links, 24).sensors[0]).toMatchObject({ mean: 10, weekday: all(10), weekend: null })
  })

  it('needs no links', () => {
    expect(fitStatistics(grid, [], 96).sensors[0]?.neighbours).toEqual([])
  })

  it('says null where no reading tells', () => {
    const holes = hourly({ a: [10, 20, 20, 10] })
    holes.values[5] = gap
    holes.values[72 + 5] = gap
    const { weekday, weekend } = fitStatistics(holes, [], 96).sensors[0] ?? {}
    expect(weekday?.slice(4, 7)).toEqual([10, null, 10])
    expect(weekend?.slice(4, 7)).toEqual([20, 20, 20])
  })

  it('takes ten minutes around a time of day, over midnight', () => {
    const values = new Float32Array(288).fill(50)
    values[144] = 80
    const days = { sensors: ['a'], start: FRIDAY - 24 * HOUR, stepMs: 600_000, rows: 288, values, timeZone: 'UTC' }
    const weekday = fitStatistics(days, [], 288).sensors[0]?.weekday
    expect(weekday).toEqual([55, 55, ...new Array(141).fill(50), 55])
  })

  it('follows the wall clock through a change of the hour', () => {
    const sunday = Date.parse('2026-03-28T23:00:00Z')
    // The local hours 0, 1, 3, 4 … 23 of the day of the change, then those of the next Saturday.
    const change = [0, 1, ...Array.from({ length: 21 }, (_, i) => i + 3)]
    const values = new Float32Array(7 * 24).fill(gap)
    values.set(change)
    values.set(
      Array.from({ length: 24 }, (_, hour) => hour + 10),
      6 * 24 - 1,
    )
    const grid = { sensors: ['a'], start: sunday, stepMs: HOUR, rows: values.length, values, timeZone: 'Europe/Vienna' }
    const { weekend } = fitStatistics(grid, [], grid.rows).sensors[0] ?? {}
    expect(weekend).toEqual(Array.from({ length: 24 }, (_, hour) => (hour === 2 ? 12 : hour + 5)))
  })
})

describe('openStatistics', () => {
  const one = {
    id: 'a',
    mean: 30,
    sd: 2,
    weekday: [null, ...all(20).slice(1)],
    weekend: [null, 50, null, ...all(40).slice(3)],
    neighbours: [[1, 1]] as [number, number][],
  }
  const two = { id: 'b', mean: 7, sd: 0, weekday: null, weekend: null, neighbours: [] }
  const hours = { stepMs: HOUR, timeZone: 'UTC' }

  it('falls back from the kind of day to all days to the mean', () => {
    const { profileAt } = openStatistics({ sensors: [one, two] }, hours)
    const at = (text: string) => [...profileAt(Date.parse(text))]
    expect(at('2026-03-06T01:00:00Z')).toEqual([20, 7])
    expect(at('2026-03-07T01:00:00Z')).toEqual([50, 7])
    expect(at('2026-03-07T02:00:00Z')).toEqual([20, 7])
    expect(at('2026-03-06T00:00:00Z')).toEqual([30, 7])
    expect(at('2026-03-07T00:00:00Z')).toEqual([30, 7])
  })

  it('places sensors and their neighbours', () => {
    const { ids, sensors } = openStatistics({ sensors: [one, two] }, hours)
    expect([...ids]).toEqual([
      ['a', 0],
      ['b', 1],
    ])
    expect([...sensors.neighbour]).toEqual([1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1])
    expect([...sensors.weight].slice(0, 2)).toEqual([1, 0])
  })

  it('refuses a profile of another step, and a neighbour that is none', () => {
    const halves = { stepMs: HOUR / 2, timeZone: 'UTC' }
    expect(() => openStatistics({ sensors: [one, two] }, halves)).toThrow(/'a' has 24 times of day, its steps make 48/)
    expect(() => openStatistics({ sensors: [one] }, hours)).toThrow(/neighbour of 'a' is number 1 of 1/)
  })

  it.each([
    ['mean', { mean: 1e39 }],
    ['deviation', { sd: 3.5e38 }],
    ['usual speed', { weekday: [-1e39, ...all(20).slice(1)] }],
    ['weight', { neighbours: [[1, 1e39]] as [number, number][] }],
  ])('refuses a %s that would be infinite', (_what, beyond) => {
    expect(() => openStatistics({ sensors: [{ ...one, ...beyond }, two] }, hours)).toThrow(RangeError)
    expect(() => openStatistics({ sensors: [{ ...one, ...beyond }, two] }, hours)).toThrow(/'a' has .*beyond float32/)
  })

  it('takes the largest float32 there is', () => {
    const { sensors } = openStatistics({ sensors: [{ ...one, mean: 3.4028234e38 }, two] }, hours)
    expect(sensors.mean[0]).toBe(3.4028234663852886e38)
  })
})
