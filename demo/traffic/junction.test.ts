import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { resolve } from './junction.ts'

const pass = (sending: number[], priority: number[], receiving: number[], turns: number[][]): number[] => {
  const passing = new Float64Array(sending.length)
  const [s, p, r] = [sending, priority, receiving].map((values) => Float64Array.from(values))
  const meeting = { sending: s, priority: p, receiving: r, turns: Float64Array.from(turns.flat()) }
  resolve(meeting as Parameters<typeof resolve>[0], passing)
  return [...passing]
}

describe('a junction', () => {
  it('shares what room there is by priority, and gives on what one does not need', () => {
    expect(pass([10, 10], [2, 1], [9], [[1], [1]])).toEqual([6, 3])
    expect(pass([1, 10], [2, 1], [9], [[1], [1]])).toEqual([1, 8])
    expect(pass([4, 4], [2, 1], [9], [[1], [1]])).toEqual([4, 4])
  })

  it('holds up those behind one that cannot turn', () => {
    const halves = [[0.5, 0.5]]
    expect(pass([10], [10], [2, 100], halves)).toEqual([4])
    expect(pass([10], [10], [0, 100], halves)).toEqual([0])
  })

  it('never takes more than there is room for, and holds up nobody without a full exit', () => {
    const amount = fc.double({ min: 0, max: 20, noNaN: true })
    const meeting = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([ins, outs]) =>
      fc.record({
        sending: fc.array(amount, { minLength: ins, maxLength: ins }),
        priority: fc.array(fc.double({ min: 0.1, max: 20, noNaN: true }), { minLength: ins, maxLength: ins }),
        receiving: fc.array(amount, { minLength: outs, maxLength: outs }),
        weights: fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: outs, maxLength: outs }), {
          minLength: ins,
          maxLength: ins,
        }),
      }),
    )
    fc.assert(
      fc.property(meeting, ({ sending, priority, receiving, weights }) => {
        const turns = weights.map((row) => {
          const sum = row.reduce((a, b) => a + b, 0)
          return row.map((weight) => (sum > 0 ? weight / sum : 1 / row.length))
        })
        const passing = pass(sending, priority, receiving, turns)
        const used = receiving.map((_, j) => passing.reduce((sum, n, i) => sum + n * (turns[i]?.[j] ?? 0), 0))
        for (const [j, room] of receiving.entries()) expect(used[j]).toBeLessThanOrEqual(room + 1e-9)
        for (const [i, wanted] of sending.entries()) {
          expect(passing[i]).toBeLessThanOrEqual(wanted + 1e-9)
          const blocked = receiving.some((room, j) => (turns[i]?.[j] ?? 0) > 0 && (used[j] ?? 0) >= room - 1e-9)
          if ((passing[i] ?? 0) < wanted - 1e-9) expect(blocked).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
