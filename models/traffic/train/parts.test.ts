import { describe, expect, it } from '@jest/globals'
import type { Grid } from '../grid.ts'
import { partsOf, strideOf } from './parts.ts'

const MINUTE_MS = 60_000

describe('strideOf', () => {
  it('takes every row of what fits into memory, fewer where a row holds more', () => {
    // 48 features and 12 targets of 1,500,000 windows.
    expect(strideOf(15_000, 100, 5 * MINUTE_MS)).toBe(1)
    expect(strideOf(15_001, 100, 5 * MINUTE_MS)).toBe(2)
    // By the minute there are 60 targets: 108 numbers a window.
    expect(strideOf(8_333, 100, MINUTE_MS)).toBe(1)
    expect(strideOf(15_000, 100, MINUTE_MS)).toBe(2)
  })
})

describe('partsOf', () => {
  it('thins the last day as it does the days before', () => {
    const sensors = Array.from({ length: 20 }, (_, i) => `${i}`)
    const rows = 3 * 144
    const values = Float32Array.from({ length: rows * 20 }, (_, at) => at % 7)
    const start = Date.parse('2026-03-02T00:00:00Z')
    const grid: Grid = { sensors, start, stepMs: 10 * MINUTE_MS, rows, values, timeZone: 'UTC' }
    const firstRows = ({ row }: { row: Int32Array }) => [...new Set(row)].slice(0, 3)
    const whole = partsOf(grid, [])
    expect(firstRows(whole.training)).toEqual([11, 12, 13])
    expect(firstRows(whole.validation)).toEqual([299, 300, 301])
    // 54 numbers a window: room for half a day.
    const thinned = partsOf(grid, [], 54 * 20 * 72)
    expect(firstRows(thinned.training)).toEqual([11, 15, 19])
    expect(firstRows(thinned.validation)).toEqual([299, 301, 303])
    expect(thinned.every).toBe(4)
  })
})
