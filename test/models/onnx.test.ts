import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { runProgram } from './programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'junction-onnx-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A network small enough to be worked out by hand: three inputs, two hidden, one step. */
const FITTED = {
  sizes: [3, 2, 3],
  weights: [
    [1, 0, 0, 1, 1, -1],
    [-0.5, 0.25, 1, 1.5, 1.5, 1.5],
  ],
  biases: [
    [0, 0.5],
    [0, 0.5, 0],
  ],
  mean: [1, 2, 3],
  sd: [2, 1, 0.5],
  ...{ newest: 1, centre: 50, scale: 10, low: 0, high: 70 },
  conformal: [1.5],
}

const answers = (...rows: number[][]) => {
  const file = join(folder, 'fitted.json')
  writeFileSync(file, JSON.stringify({ fitted: FITTED, rows }))
  return runProgram('answer', file)[0]
}

describe('the ONNX file of a network', () => {
  it('holds the scaling, the newest reading, the band and the limits', () => {
    // (3, 2, 3.5) is (1, 0, 1) standardised: hidden 2 and 0, changes -1, 1 and 2, of 52: 42, 62, 72.
    expect(answers([3, 2, 3.5])).toEqual({ p10: ['40.5'], p50: ['62'], p90: ['70'] })
  })

  it('lets no band cross its median', () => {
    // (2, -20, 2.5) leaves both hidden at 0: changes 0, 0.5 and 0, of 30: 30, 35 and 30.
    expect(answers([2, -20, 2.5])).toEqual({ p10: ['28.5'], p50: ['35'], p90: ['36.5'] })
  })

  it('says NaN where it overflows, and not a limit', () => {
    const { p10, p50, p90 } = answers([3e38, 2, 3], [Number.MAX_VALUE, 2, 3], [1, 2, 3]) as Record<string, string[]>
    expect([p10, p50, p90].map((values) => values?.slice(0, 2))).toEqual(Array(3).fill(['NaN', 'NaN']))
    expect(p50?.[2]).toBe('64.5')
  })

  it("answers what the trainer's own forward pass does, and is the same bytes each time", () => {
    const [one, other] = runProgram('compare', '1', '2')
    for (const found of [one, other]) {
      expect(found?.furthest).toBeLessThanOrEqual(1e-5)
      expect(found?.same).toBe(true)
    }
    expect(one?.described).toMatchObject({
      irVersion: 8,
      opset: 17,
      inputs: [{ name: 'features', shape: ['batch', 48] }],
      outputs: ['p10', 'p50', 'p90'].map((name) => ({ name, shape: ['batch', 12] })),
      weights: 48 * 64 + 64 + 64 * 64 + 64 + 64 * 36 + 36,
    })
  })
})
