import { describe, expect, it } from '@jest/globals'
import { middleOf } from './positions.ts'

const line = (...coordinates: [number, number][]) => ({ type: 'LineString' as const, coordinates })

describe('the middle of a road', () => {
  it('lies halfway along it, not halfway through its points', () => {
    const { at, degrees } = middleOf(line([0, 0], [0.1, 0], [0.2, 0], [1, 0]))
    expect(at[0]).toBeCloseTo(0.5)
    expect([at[1], degrees]).toEqual([0, 0])
  })

  it('tells how the road rises on the map there', () => {
    expect(middleOf(line([0, 0], [0, 1])).degrees).toBe(90)
    expect(middleOf(line([0, 0], [1, -1])).degrees).toBeCloseTo(-45, 0)
    // At 60° north a degree of longitude is half as long.
    expect(middleOf(line([0, 60], [2, 61])).degrees).toBeCloseTo(45, 0)
  })

  it('of a point is the point', () => {
    expect(middleOf({ type: 'Point', coordinates: [1, 2] })).toEqual({ at: [1, 2], degrees: 0 })
  })
})
