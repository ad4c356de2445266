import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { alertStep, replicasFor } from './formula.ts'
import { createHighest } from './highest.ts'

const bounds = { min: 1, max: 20 }

describe('the formula of scaling', () => {
  it.each([
    // ready × (mean / (target × proportion)): 2 × (90 / (50 × 0.9)) = 4
    [2 * 90, { target: 50, proportion: 0.9 }, 4],
    // 1 × (46 / 45) is a little more than one can take.
    [46, { target: 50, proportion: 0.9 }, 2],
    [45, { target: 50, proportion: 0.9 }, 1],
    [3 * 100, { target: 100, proportion: 1 }, 3],
    [0, { target: 50, proportion: 0.9 }, 1],
    [1e6, { target: 50, proportion: 0.9 }, 20],
    // 0.3 / 0.1 is 3 in hundredths, and a little less in binary.
    [0.3, { target: 0.1, proportion: 1 }, 3],
  ])('a load of %d with %j needs %d', (load, rule, expected) => {
    expect(replicasFor(load, rule, bounds)).toBe(expected)
  })

  const rule = fc.record({
    target: fc.double({ min: 0.01, max: 1e4, noNaN: true }),
    proportion: fc.double({ min: 0.01, max: 1, noNaN: true }),
  })
  const load = fc.double({ min: 0, max: 1e6, noNaN: true })
  const anyBounds = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 50 })).map(([min, more]) => {
    return { min, max: min + more }
  })

  it('keeps to the bounds, in whole replicas', () => {
    fc.assert(
      fc.property(load, rule, anyBounds, (total, one, { min, max }) => {
        const replicas = replicasFor(total, one, { min, max })
        return Number.isInteger(replicas) && replicas >= min && replicas <= max
      }),
    )
  })

  it('never falls while the load grows', () => {
    fc.assert(
      fc.property(load, load, rule, anyBounds, (a, b, one, within) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        return replicasFor(less, one, within) <= replicasFor(more, one, within)
      }),
    )
  })

  it('gives no replica more than its target makes use of, and no replica too many', () => {
    fc.assert(
      fc.property(load, rule, (total, one) => {
        const replicas = replicasFor(total, one, { min: 1, max: Number.MAX_SAFE_INTEGER })
        const share = one.target * one.proportion
        const exact = total / share
        return replicas >= exact - 1e-6 && (replicas === 1 || replicas - 1 < exact + 1e-6)
      }),
    )
  })
})

describe('the step of an alert', () => {
  it.each([
    [5, 20, 1],
    [20, 20, 4],
    [3, 50, 2],
    [2, 20, 1],
    [5, 0, 0],
    [100, 100, 100],
  ])('a maximum of %d with a factor of %d adds %d', (max, factor, expected) => {
    expect(alertStep(max, factor)).toBe(expected)
  })
})

describe('the window of going down', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 9 })), { maxLength: 60 })

  it('tells the highest recommendation inside it', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1000 }), (list, windowMs) => {
        const highest = createHighest(windowMs)
        const all: { at: number; replicas: number }[] = []
        let now = 0
        for (const [ms, replicas] of list) {
          now += ms
          all.push({ at: now, replicas })
          const inside = all.filter(({ at }) => at >= now - windowMs).map((one) => one.replicas)
          expect(highest.take(replicas, now)).toBe(Math.max(...inside))
        }
      }),
    )
  })

  it('holds back nothing that goes up, and without a window nothing at all', () => {
    const off = createHighest(0)
    expect([off.take(5, 0), off.take(1, 1), off.take(3, 2)]).toEqual([5, 1, 3])
    const minute = createHighest(60_000)
    expect([minute.take(5, 0), minute.take(1, 60_000), minute.take(1, 60_001), minute.take(7, 60_002)]).toEqual([
      5, 5, 1, 7,
    ])
  })
})
