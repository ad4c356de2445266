import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { featureNames } from './features.ts'
import type { Grid } from './grid.ts'
import { type Fit, samplesOf } from './samples.ts'
import { fitStatistics, type Link } from './statistics.ts'
import { LAGS, stepsAhead } from './window.ts'

/** Eight days by the half hour over a change of the hour, from Tuesday evening on. */
const STEP = 1_800_000
const ROWS = 8 * 48
const SENSORS = ['a', 'b', 'c']
const LINKS: Link[] = [
  { from: 0, to: 1, weight: 1 },
  { from: 1, to: 2, weight: 2 },
]
const UNTIL = 300
const STEPS = stepsAhead(STEP)
const WIDTH = featureNames(2).length

const reading = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 1200 }) }, fc.constant(Number.NaN))
const grids = fc.array(reading, { minLength: ROWS * 3, maxLength: ROWS * 3 }).map(
  (tenths): Grid => ({
    sensors: SENSORS,
    start: Date.parse('2026-03-24T17:00:00Z'),
    stepMs: STEP,
    rows: ROWS,
    values: Float32Array.from(tenths, (value) => value / 10),
    timeZone: 'Europe/Vienna',
  }),
)
const changes = (reach: number) =>
  fc.array(fc.record({ ahead: fc.integer({ min: 1, max: reach }), sensor: fc.nat(2), value: reading }), {
    minLength: 1,
    maxLength: 6,
  })
type Changes = { ahead: number; sensor: number; value: number }[]

const changed = (grid: Grid, base: number, what: Changes): Grid => {
  const values = Float32Array.from(grid.values)
  for (const { ahead, sensor, value } of what)
    if (base + ahead < ROWS) values[(base + ahead) * SENSORS.length + sensor] = value / 10
  return { ...grid, values }
}

/** The features of each sensor at a row, by sensor; one without a target has no sample. */
const featuresAt = (grid: Grid, base: number, known: (grid: Grid) => Omit<Fit, 'centre'>): Map<number, string> => {
  const { x, sensor } = samplesOf(grid, { ...known(grid), centre: 50 }, [base])
  return new Map([...sensor].map((id, n) => [id, x.subarray(n * WIDTH, (n + 1) * WIDTH).join()]))
}
const same = (before: Map<number, string>, after: Map<number, string>): boolean =>
  [...before].every(([sensor, features]) => (after.get(sensor) ?? features) === features)

const fitted = (grid: Grid) => ({ statistics: fitStatistics(grid, LINKS, UNTIL), untilRow: UNTIL })
const training = fc.integer({ min: LAGS - 1, max: UNTIL - 1 })
const unchanged = (reach: number, bases: fc.Arbitrary<number>, known: typeof fitted) =>
  fc.property(grids, bases, changes(reach), (grid, base, what) =>
    same(featuresAt(grid, base, known), featuresAt(changed(grid, base, what), base, known)),
  )
const RUNS = { numRuns: 40 }
// What a control fails with need not be made small.
const CONTROL = { ...RUNS, endOnFailure: true }

describe('a change of the future changes no feature', () => {
  it('of a row the statistics have seen, as far as its targets reach', () => {
    fc.assert(unchanged(STEPS, training, fitted), RUNS)
  })

  it('of a row behind the end of the statistics, however far ahead', () => {
    const bases = fc.integer({ min: UNTIL, max: ROWS - STEPS - 1 })
    fc.assert(unchanged(ROWS, bases, fitted), RUNS)
  })

  it('but of one that takes its own day for usual', () => {
    // `untilRow: 0` makes it a row the statistics have not seen: what they tell of its own day stays in.
    const own = (grid: Grid) => ({ ...fitted(grid), untilRow: 0 })
    expect(fc.check(unchanged(STEPS, training, own), CONTROL).failed).toBe(true)
  })

  it('but of one whose window reaches a row too far', () => {
    const next = fc.property(grids, training, changes(1), (grid, base, what) =>
      same(featuresAt(grid, base + 1, fitted), featuresAt(changed(grid, base, what), base + 1, fitted)),
    )
    expect(fc.check(next, CONTROL).failed).toBe(true)
  })

  it('but of one in the hour before statistics end, had they seen its targets', () => {
    const late = (grid: Grid) => ({ statistics: fitStatistics(grid, LINKS, ROWS), untilRow: UNTIL })
    const bases = fc.integer({ min: UNTIL, max: ROWS - STEPS - 1 })
    expect(fc.check(unchanged(STEPS, bases, late), CONTROL).failed).toBe(true)
  })
})
