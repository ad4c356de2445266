import { describe, expect, it } from '@jest/globals'
import { carryWindow, horizonsOf, stepsAhead } from './window.ts'

const gap = Number.NaN

describe('carryWindow', () => {
  const cases: [string, number[], number[], boolean][] = [
    ['a whole window', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], true],
    ['gaps', [1, gap, gap, 4, 5, 6, 7, 8, 9, 10, 11, gap], [1, 1, 1, 4, 5, 6, 7, 8, 9, 10, 11, 11], true],
    ['a late start', [gap, gap, gap, 4, 5, 6, 7, 8, 9, 10, 11, 12], [4, 4, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12], true],
    ['four gaps', [gap, gap, 3, gap, gap, 6, 7, 8, 9, 10, 11, 12], [3, 3, 3, 3, 3, 6, 7, 8, 9, 10, 11, 12], false],
    ['an old end', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, gap, gap], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10], false],
  ]
  it.each(cases)('carries %s', (_, before, after, usable) => {
    const readings = Float32Array.from(before)
    expect(carryWindow(readings, 0, 1)).toBe(usable)
    expect([...readings]).toEqual(after)
  })

  it('leaves an empty window empty', () => {
    const readings = new Float32Array(12).fill(gap)
    expect(carryWindow(readings, 0, 1)).toBe(false)
    expect(readings.every(Number.isNaN)).toBe(true)
  })

  it('touches its own sensor alone', () => {
    const readings = new Float32Array(24).fill(gap)
    readings[1 + 2 * 11] = 5
    carryWindow(readings, 1, 2)
    expect([...readings].slice(0, 4)).toEqual([gap, 5, gap, 5])
  })
})

describe('horizonsOf', () => {
  const cases: [number, number, number[], number[]][] = [
    [5, 12, [15, 30, 45, 60], [3, 6, 9, 12]],
    [10, 6, [20, 30, 50, 60], [2, 3, 5, 6]],
    [15, 4, [15, 30, 45, 60], [1, 2, 3, 4]],
    [1, 60, [15, 30, 45, 60], [15, 30, 45, 60]],
    [25, 2, [25, 50], [1, 2]],
    [60, 1, [60], [1]],
  ]
  it.each(cases)('publishes with steps of %i minutes', (minutes, steps, published, at) => {
    const horizons = horizonsOf(minutes * 60_000)
    expect(stepsAhead(minutes * 60_000)).toBe(steps)
    expect(horizons.map((horizon) => horizon.minutes)).toEqual(published)
    expect(horizons.map((horizon) => horizon.step)).toEqual(at)
  })
})
