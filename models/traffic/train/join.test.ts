import { describe, expect, it } from '@jest/globals'
import type { Fitted } from './fitted.ts'
import { rawBands } from './forward.ts'
import { joinNetworks } from './join.ts'
import { randomFrom } from './random.ts'

const SIZES = [13, 6, 5, 6]

const member = (seed: number): Fitted => {
  const random = randomFrom(seed)
  const filled = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1)
  return {
    sizes: SIZES,
    weights: [filled(13 * 6), filled(6 * 5), filled(5 * 6)],
    biases: [filled(6), filled(5), filled(6)],
    mean: new Float32Array(13),
    sd: new Float32Array(13).fill(1),
    ...{ newest: 11, centre: 50, scale: 10, low: 0, high: 100 },
    conformal: new Float32Array(2),
  }
}

describe('networks that are joined', () => {
  it('give the mean of what each gives', () => {
    const members = [member(1), member(2), member(3)]
    const joined = { ...member(1), ...joinNetworks(members) }
    expect(joined.sizes).toEqual([13, 18, 15, 6])
    const random = randomFrom(9)
    const x = Float32Array.from({ length: 5 * 13 }, () => 2 * random() - 1)
    const each = members.map((one) => rawBands(one, x).p50)
    const { p50 } = rawBands(joined, x)
    for (const [at, median] of p50.entries()) {
      const mean = each.reduce((sum, values) => sum + (values[at] as number), 0) / members.length
      expect(median).toBeCloseTo(mean, 3)
    }
    expect(each[0]?.[0]).not.toBeCloseTo(p50[0] as number, 1)
  })

  it('are what the one is, where there is one', () => {
    const { sizes, weights, biases } = member(4)
    expect(joinNetworks([member(4)])).toEqual({ sizes, weights, biases })
  })
})
