import { describe, expect, it } from '@jest/globals'
import { type FeatureSensors, featureNames, type Moment, writeFeatures } from './features.ts'

const gap = Number.NaN
/** Interleaves the columns of two sensors. */
const both = (a: number[], b: number[]) => Float32Array.from(a.flatMap((value, i) => [value, b[i] as number]))
const times = (n: number, value: number) => new Array<number>(n).fill(value)

const sensors: FeatureSensors = {
  mean: Float32Array.of(44, 61),
  sd: Float32Array.of(3, 2),
  neighbour: Int32Array.of(1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
  weight: Float32Array.of(0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
}
const moment = (second: number[]): Moment => ({
  readings: both([40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51], second),
  profile: both([...times(12, 45), 50], [...times(12, 62), 58]),
  dayShare: 0.25,
  weekend: false,
})
const rowsOf = (given: Moment) => {
  const out = { x: new Float32Array(90), usable: new Uint8Array(2), last: new Float32Array(2) }
  writeFeatures(given, sensors, 50, out)
  const plain = [...out.x].map((value) => Math.round(value * 1e4) / 1e4 || 0)
  return { ...out, rows: [plain.slice(0, 45), plain.slice(45)] }
}

describe('writeFeatures', () => {
  const day = [1, 0, 0, -1, -1, 0, 0, 1, 0]
  const none = times(15, 0)

  it('writes what was worked out by hand', () => {
    const { rows, usable, last } = rowsOf(moment([60, 60, 60, 60, 60, 60, 60, 60, 60, gap, 66, 63]))
    expect(rows[0]).toEqual([
      ...[-11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 1],
      ...day,
      ...[-6, 3, -7, -6, 5, 0.5],
      // Half of: 63 − 51, 63 − 60 three steps before, 63 − 62.
      ...[6, 1.5, 0.5],
      ...none,
    ])
    expect(rows[1]).toEqual([
      ...[-3, -3, -3, -3, -3, -3, -3, -3, -3, -3, 3, 13],
      ...day,
      // The mean of (10 × 60 + 66 + 63) / 12 = 60.75, minus 62.
      ...[11, 2, -2, -1, -4, -1.25],
      ...[0, 0, 0],
      ...none,
    ])
    expect([...usable, ...last]).toEqual([1, 1, 51, 63])
  })

  it('takes a neighbour of which too little is known as one that is as usual, and writes no row for it', () => {
    const { rows, usable, last } = rowsOf(moment([60, 60, 60, 60, 60, 60, 60, 60, 60, 66, gap, gap]))
    expect(rows[0]?.slice(27)).toEqual(times(18, 0))
    expect(rows[1]).toEqual(times(45, 0))
    expect([...usable, ...last]).toEqual([1, 0, 51, 66])
  })

  it('leaves the moment as it is, and writes where it is told to', () => {
    const given = moment(times(12, gap))
    const out = { x: new Float32Array(180).fill(7), usable: new Uint8Array(4), last: new Float32Array(4) }
    writeFeatures(given, sensors, 50, out, 2)
    expect(given).toEqual(moment(times(12, gap)))
    expect([...out.x.subarray(0, 90)]).toEqual(times(90, 7))
    expect(out.x[90]).toBe(-11)
    expect([...out.usable]).toEqual([0, 0, 1, 0])
  })

  it('has a name for each column', () => {
    expect(featureNames(4)).toHaveLength(48)
    expect(new Set(featureNames(4)).size).toBe(48)
    expect(featureNames(1).slice(9, 14)).toEqual(['lag2', 'lag1', 'newest', 'daySin1', 'dayCos1'])
  })
})
