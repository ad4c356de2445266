import { describe, expect, it } from '@jest/globals'
import { touches } from './geometry.ts'

describe('touches', () => {
  const line = {
    type: 'LineString' as const,
    coordinates: [
      [10, 50],
      [12, 51],
    ],
  }
  it('finds a line that crosses the box without a point in it', () =>
    expect(touches(line, [10.5, 49, 11.5, 52])).toBe(true))
  it('passes over a line beside the box', () => expect(touches(line, [12.1, 49, 13, 52])).toBe(false))
  it('passes over a line below the box', () => expect(touches(line, [10, 51.1, 12, 52])).toBe(false))
})
