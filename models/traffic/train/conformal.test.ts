import { describe, expect, it } from '@jest/globals'
import { conformalOf } from './conformal.ts'

describe('the conformal constant of a step', () => {
  it('widens a band that is too narrow until it holds 80 of 100', () => {
    // Nine targets 1..9 above a band of no width at 0: the eighth of them, as ⌈10 × 0.8⌉ = 8.
    const y = Float32Array.from({ length: 9 }, (_, i) => i + 1)
    expect([...conformalOf({ p10: new Float32Array(9), p90: new Float32Array(9) }, y, 1)]).toEqual([8])
  })

  it('narrows one that is too wide, each step by itself, and leaves out what is missing', () => {
    const p10 = new Float32Array(20).fill(-10)
    const p90 = new Float32Array(20).fill(10)
    const y = new Float32Array(20)
    for (let row = 0; row < 10; row += 1) y[2 * row + 1] = row === 9 ? Number.NaN : 10 + row
    expect([...conformalOf({ p10, p90 }, y, 2)]).toEqual([-10, 7])
  })

  it('is 0 where nothing tells', () => {
    const y = new Float32Array(3).fill(Number.NaN)
    expect([...conformalOf({ p10: y, p90: y }, y, 1)]).toEqual([0])
  })
})
