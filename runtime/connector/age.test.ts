import { expect, it } from '@jest/globals'
import { ageTracker } from './age.ts'

it('tells since when the oldest unfinished event has been there', () => {
  const ages = ageTracker()
  ages.seen(10n, 0)
  ages.seen(20n, 5_000)
  expect(ages.oldest(3n, 9_000)).toBe(9_000)
  expect(ages.oldest(10n, 9_000)).toBe(4_000)
  expect(ages.oldest(20n, 9_000)).toBe(0)
})

it('does not grow without bound, and never understates an age', () => {
  const ages = ageTracker()
  for (let i = 1; i <= 20_000; i++) ages.seen(BigInt(i), i * 1000)
  expect(ages.oldest(0n, 20_000_000)).toBe(19_999_000)
  expect(ages.oldest(10_000n, 20_000_000)).toBeGreaterThanOrEqual(9_999_000)
})
