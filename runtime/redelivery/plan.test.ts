import { describe, expect, it } from '@jest/globals'
import { planMove, type Standing } from './plan.ts'

const standing = (position: bigint): Standing => ({ partition: 3, position, earliest: 100n, end: 200n })
const plan = (position: bigint, target: bigint, forward = false) =>
  planMove('readings/3', standing(position), target, forward)

describe('planMove', () => {
  it('goes back, and says how many come again', () => {
    expect(plan(180n, 120n)).toEqual({ partition: 3, was: 180n, now: 120n, again: 60n, skipped: 0n })
  })

  it('leaves a position that is not there yet where it is', () => {
    expect(plan(120n, 180n)).toEqual({ partition: 3, was: 120n, now: 120n, again: 0n, skipped: 0n })
  })

  it('goes forth only when told so, and says how many never come', () => {
    expect(plan(120n, 180n, true)).toEqual({ partition: 3, was: 120n, now: 180n, again: 0n, skipped: 60n })
  })

  it('leads a position that is no longer there to the earliest that is, and not past it', () => {
    expect(plan(40n, 100n)).toEqual({ partition: 3, was: 40n, now: 100n, again: 0n, skipped: 0n })
    expect(plan(40n, 150n)).toMatchObject({ now: 100n, skipped: 0n })
    expect(plan(40n, 150n, true)).toMatchObject({ now: 150n, skipped: 50n })
  })

  it('leads a position beyond the end back', () => {
    expect(plan(500n, 150n)).toEqual({ partition: 3, was: 500n, now: 150n, again: 50n, skipped: 0n })
  })

  it('refuses what is not retained, with what is', () => {
    expect(() => plan(180n, 99n)).toThrow('readings/3 begins at offset 100')
    expect(() => plan(180n, 201n, true)).toThrow('readings/3 ends at offset 200')
  })
})
