import { describe, expect, it } from '@jest/globals'
import { type Call, freshProgress, judge, type Progress, sliceSize } from './progress.ts'
import type { Verdict } from './verdict.ts'

const call = (more: Partial<Call> = {}): Call => ({
  first: 0n,
  next: 10n,
  count: 10,
  probe: false,
  now: 1000,
  random: 0.5,
  ...more,
})
const crashed: Verdict = { kind: 'whole', code: 'crashed', error: 'gone', final: false }
const world: Verdict = { kind: 'world', code: 'unavailable', error: 'refused' }
const alone = { count: 1, next: 1n }
const judged = (progress: Progress, ...verdicts: [Verdict, Partial<Call>?][]) =>
  verdicts.reduce((state, [verdict, more]) => judge(state, verdict, call(more)).progress, progress)

describe('a slice that fails as a whole', () => {
  it('is sent once more before it is taken apart', () => {
    const again = judged(freshProgress(), [crashed])
    expect(sliceSize(again, 10)).toBe(10)
    expect(sliceSize(judged(again, [crashed]), 10)).toBe(1)
  })

  it('counts against no event', () => {
    const { progress, counted, bury } = judge(freshProgress(), crashed, call())
    expect({ culprit: progress.culprit, counted, bury }).toEqual({})
  })

  it('is forgotten once its end is reached without a culprit', () => {
    const single = judged(freshProgress(), [crashed], [crashed])
    const halfway = judged(single, [{ kind: 'done', next: 9n }])
    expect(sliceSize(halfway, 10)).toBe(1)
    expect(sliceSize(judged(halfway, [{ kind: 'done', next: 10n }]), 10)).toBe(10)
  })

  it('goes on in slices as soon as its culprit is behind', () => {
    const found = judged(freshProgress(), [crashed], [crashed], [crashed, alone])
    expect(found.culprit).toMatchObject({ offset: 0n, counts: { crashed: 1 } })
    expect(sliceSize(judged(found, [{ kind: 'done', next: 1n }]), 10)).toBe(10)
  })
})

describe('an event', () => {
  it('is buried at the limit of its code', () => {
    const twice = judged(freshProgress(), [crashed, alone], [crashed, alone])
    const last = judge(twice, crashed, call({ ...alone, now: 4000 }))
    expect(last.bury).toMatchObject({ reason: 'attempts_exhausted', attempts: 3, ageMs: 3000, code: 'crashed' })
    expect(last.waitMs).toBeUndefined()
  })

  it('is counted by code: what failed in another way has its attempts yet', () => {
    const transient: Verdict = { kind: 'whole', code: 'transient', error: '', final: false }
    const mixed = judged(freshProgress(), [crashed, alone], [crashed, alone], [transient, alone])
    expect(mixed.culprit?.counts).toEqual({ crashed: 2, transient: 1 })
  })

  it('is buried at once by a final failure, even while probing', () => {
    const final: Verdict = { kind: 'whole', code: 'decode', error: 'no', final: true }
    expect(judge(freshProgress(), final, call({ ...alone, probe: true })).bury).toMatchObject({
      reason: 'decode',
      attempts: 1,
    })
  })

  it('is too old a day after its first counted attempt, not after its append', () => {
    const first = judged(freshProgress(), [crashed, { ...alone, now: 1e12 }])
    const day = 24 * 3_600_000
    expect(judge(first, crashed, call({ ...alone, now: 1e12 + day - 1 })).bury).toBeUndefined()
    expect(judge(first, crashed, call({ ...alone, now: 1e12 + day })).bury).toMatchObject({ reason: 'too_old' })
  })

  it('is not counted while the breaker is open, nor by the failures of the world', () => {
    expect(judge(freshProgress(), crashed, call({ ...alone, probe: true })).counted).toBeUndefined()
    const many = Array.from({ length: 100 }, (): [Verdict, Partial<Call>] => [world, alone])
    expect(judged(freshProgress(), ...many).culprit).toBeUndefined()
  })

  it('named behind a prefix keeps what was done before it', () => {
    const named: Verdict = { kind: 'event', next: 7n, code: 'transient', error: '', final: false }
    const steps = judge(freshProgress(), named, call())
    expect(steps.advance).toBe(7n)
    expect(steps.progress.culprit).toMatchObject({ offset: 7n, counts: { transient: 1 } })
  })
})

it('waits longer after every failure, and anew after anything got done', () => {
  const waits: (number | undefined)[] = []
  let progress = freshProgress()
  for (let i = 0; i < 4; i++) {
    const steps = judge(progress, world, call())
    waits.push(steps.waitMs)
    progress = steps.progress
  }
  expect(waits).toEqual([100, 200, 400, 800])
  expect(judge(judged(progress, [{ kind: 'done', next: 5n }]), world, call()).waitMs).toBe(100)
})
