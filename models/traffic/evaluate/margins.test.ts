import { describe, expect, it } from '@jest/globals'
import { marginsOf } from './margins.ts'

const HOUR_MS = 3_600_000

/** 300 hourly rows: the test part begins at 240, its windows end in rows 251 to 297. */
const test = (truth: (row: number) => number) => {
  const rows = Array.from({ length: 60 }, (_, i) => 240 + i)
  const samples = {
    ...{ x: new Float32Array(0), y: Float32Array.from(rows, truth), last: new Float32Array(60) },
    ...{ row: Int32Array.from(rows), sensor: new Int32Array(60), dropped: 0 },
  }
  return { samples, rows: 300, horizons: [1] }
}
const flat = (value: number) => new Float32Array(60).fill(value)

describe('margins', () => {
  it('are sure of a difference that is the same in all hours', () => {
    // Always 1 off, and always 3 off.
    const { rmse, mae } = marginsOf(
      test(() => 50),
      flat(51),
      flat(47),
      HOUR_MS,
    )
    expect([rmse, mae]).toEqual([[[2, 2]], [[2, 2]]])
  })

  it('are unsure of one that a few hours make', () => {
    // Both are 1 off, but in two of 24 blocks of two hours the other is 9 off.
    const other = flat(51).map((value, i) => (i + 240 >= 260 && i + 240 < 264 ? value + 8 : value))
    const [low = Number.NaN, high = Number.NaN] =
      marginsOf(
        test(() => 50),
        flat(51),
        other,
        HOUR_MS,
      ).mae[0] ?? []
    // The mean is 8 × 4 / 47; none to five of those blocks are drawn.
    expect(low).toBe(0)
    expect(high).toBeGreaterThan(32 / 47)
    expect(high).toBeLessThan(3)
  })

  it('hold 0 where neither is better', () => {
    const truth = (row: number) => (Math.floor(row / 2) % 2 === 0 ? 49 : 51)
    const [low = Number.NaN, high = Number.NaN] = marginsOf(test(truth), flat(50.5), flat(49.5), HOUR_MS).mae[0] ?? []
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0)
  })

  it('are the same each time', () => {
    const [own, other] = [flat(51), flat(0).map((_, i) => 50 + (i % 7))]
    const once = marginsOf(
      test(() => 50),
      own,
      other,
      HOUR_MS,
    )
    expect(
      marginsOf(
        test(() => 50),
        own,
        other,
        HOUR_MS,
      ),
    ).toEqual(once)
  })
})
