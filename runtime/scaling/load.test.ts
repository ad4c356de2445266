import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { replicasFor } from './formula.ts'
import { createLoad } from './load.ts'
import { createMeter } from './meter.ts'
import { createRate } from './rate.ts'

const none = { pids: () => [], queueDepth: () => undefined }

/** The load as it is seen each second while `perSecond` calls come in evenly, each for `callMs`. */
const steady = (type: 'rps' | 'capacity', perSecond: number, callMs: number, seconds: number): number[] => {
  const meter = createMeter()
  const load = createLoad(type, { meter, ...none })
  load.restart(0)
  const events: { at: number; do: () => void }[] = []
  for (let i = 0; i < perSecond * seconds; i++) {
    const at = (i * 1000) / perSecond
    events.push({ at, do: () => meter.arrived(at) }, { at: at + callMs, do: () => meter.left(at + callMs) })
  }
  const samples: number[] = []
  for (let second = 1; second <= seconds; second++) {
    events.push({ at: second * 1000, do: () => samples.push(load.sample(second * 1000)) })
  }
  events.sort((a, b) => a.at - b.at)
  for (const event of events) event.do()
  return samples
}

describe('a measured load', () => {
  it('counts calls a second over ten seconds, from the first second on', () => {
    const samples = steady('rps', 20, 5, 15)
    for (const sample of samples) expect(Math.abs(sample - 20)).toBeLessThanOrEqual(1)
  })

  it('counts calls in flight on average, also those shorter than a second', () => {
    const samples = steady('capacity', 40, 500, 30).slice(11)
    for (const sample of samples) expect(sample).toBeCloseTo(20, 0)
  })

  it('forgets what was more than ten seconds ago', () => {
    const rate = createRate(10_000)
    rate.restart(0, 0)
    expect(rate.sample(1000, 1000)).toBe(1000)
    const later = Array.from({ length: 12 }, (_, i) => rate.sample(1000, (i + 2) * 1000))
    expect(later.slice(8)).toEqual([100, 0, 0, 0])
  })

  it('of a queue is its depth now, and nothing where there is none', () => {
    const sources = { meter: createMeter(), pids: () => [] }
    let depth: number | undefined = 70
    const load = createLoad('queue', { ...sources, queueDepth: () => depth })
    load.restart(0)
    expect(load.sample(1000)).toBe(70)
    depth = undefined
    expect(load.sample(2000)).toBe(0)
  })

  it('settles at the fixed point of the formula and does not flap', () => {
    const rule = { target: 50, proportion: 0.9 }
    fc.assert(
      fc.property(
        fc.constantFrom('rps' as const, 'capacity' as const),
        fc.integer({ min: 5, max: 400 }),
        fc.integer({ min: 1, max: 2000 }),
        (type, perSecond, callMs) => {
          const exact = (type === 'rps' ? perSecond : (perSecond * callMs) / 1000) / 45
          // So near to a whole number one call more or less in ten seconds decides.
          fc.pre(Math.abs(exact - Math.round(exact)) > 0.03)
          const wanted = steady(type, perSecond, callMs, 30).map((load) =>
            replicasFor(load, rule, { min: 1, max: 100 }),
          )
          expect(new Set(wanted.slice(13))).toEqual(new Set([Math.max(1, Math.ceil(exact))]))
        },
      ),
      { numRuns: 60 },
    )
  })
})
