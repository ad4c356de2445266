import { describe, expect, it } from '@jest/globals'
import type { Grid } from './grid.ts'
import { coversRows, gridHash } from './grid-hash.ts'

const grid = (more: Partial<Grid> = {}): Grid => ({
  sensors: ['a', 'b'],
  start: Date.parse('2026-03-02T00:00:00Z'),
  stepMs: 300_000,
  rows: 4,
  values: Float32Array.of(50, 60, Number.NaN, 61, 52, 62, 53, 63),
  timeZone: 'UTC',
  ...more,
})

describe('gridHash', () => {
  it('is that of the same ids, times and values, whatever comes later', () => {
    const later = grid({ values: Float32Array.of(50, 60, Number.NaN, 61, 9, 9, 9, 9) })
    expect(gridHash(grid(), 2)).toMatch(/^[0-9a-f]{64}$/)
    expect(gridHash(later, 2)).toBe(gridHash(grid(), 2))
  })

  it.each([
    ['another value', grid({ values: Float32Array.of(50, 60, Number.NaN, 61.5, 52, 62, 53, 63) })],
    ['a value in a gap', grid({ values: Float32Array.of(50, 60, 0, 61, 52, 62, 53, 63) })],
    ['another sensor', grid({ sensors: ['a', 'c'] })],
    ['another start', grid({ start: 0 })],
    ['another step', grid({ stepMs: 600_000 })],
  ])('sees %s', (_, other) => {
    expect(gridHash(other, 2)).not.toBe(gridHash(grid(), 2))
  })
})

describe('coversRows', () => {
  const model = (from: string, until: string, sha256 = 'f'.repeat(64), ids = ['a']) => ({
    training: { from: `2026-03-02T${from}:00Z`, until: `2026-03-02T${until}:00Z`, sha256 },
    ids,
  })

  it('lets a model judge what comes after its training', () => {
    expect(coversRows(grid(), model('00:00', '00:10', gridHash(grid(), 2)), 2)).toBe(false)
  })

  it('finds training that goes past the row by its hash, whatever it says of its times and sensors', () => {
    expect(coversRows(grid(), model('05:00', '06:00', gridHash(grid(), 3), []), 2)).toBe(true)
    expect(coversRows(grid(), model('05:00', '06:00', gridHash(grid(), 4), []), 2)).toBe(true)
  })

  it('finds training on a sensor at these times, whatever its hash', () => {
    expect(coversRows(grid(), model('00:00', '00:15'), 2)).toBe(true)
    expect(coversRows(grid(), model('00:15', '09:00'), 2)).toBe(true)
    expect(coversRows(grid(), model('00:20', '09:00'), 2)).toBe(false)
    expect(coversRows(grid(), model('00:00', '00:15', undefined, ['z']), 2)).toBe(false)
  })
})
