import { describe, expect, it } from '@jest/globals'
import { solve } from './cholesky.ts'

describe('solve', () => {
  it('finds all columns at once', () => {
    // The textbook's matrix: L = [[2,0,0],[6,1,0],[-8,5,3]].
    const a = Float64Array.from([4, 12, -16, 12, 37, -43, -16, -43, 98])
    // A × (1, 2, 3) and A × (1, 0, −1).
    const b = Float64Array.from([-20, 20, -43, 55, 192, -114])
    expect([...solve(a, b, 3)].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1, 1, 2, 0, 3, -1])
  })

  it('refuses what is not positive definite', () => {
    expect(() => solve(Float64Array.from([1, 2, 2, 1]), new Float64Array(2), 2)).toThrow('not positive definite at 1')
  })
})
