import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { LoadRule } from '../stack/types.ts'
import { createLoad } from './load.ts'
import { createMeter } from './meter.ts'
import { createScaler } from './scaler.ts'

const rule: LoadRule = { type: 'rps', target: 10, proportion: 1, downWindowMs: 0 }

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }))
afterEach(() => void jest.useRealTimers())

/** A function whose replicas are there as soon as they are recommended. */
const scaled = (changed: Partial<LoadRule> = {}, min = 1) => {
  const meter = createMeter()
  const load = createLoad({ ...rule, ...changed }.type, { meter, pids: () => [], queueDepth: () => undefined })
  const state = { alive: 1, waiting: 0 }
  const recommended: number[] = []
  const scaler = createScaler({
    ...{ rule: { ...rule, ...changed }, bounds: { min, max: 8 }, load, meter, view: () => state },
    recommend: (replicas) => {
      recommended.push(replicas)
      state.alive = replicas
    },
  })
  const call = () => {
    scaler.wake(performance.now())
    meter.arrived(performance.now())
    meter.left(performance.now())
  }
  /** So many calls a second for so many seconds; returns what was recommended then. */
  const run = (perSecond: number, seconds: number): number[] => {
    recommended.length = 0
    for (let i = 0; i < perSecond * seconds; i++) {
      call()
      jest.advanceTimersByTime(1000 / perSecond)
    }
    return [...recommended]
  }
  return { state, scaler, run, call, recommended }
}

describe('the loop of scaling', () => {
  it('goes to what a load needs within a second, and stays there', () => {
    const { run } = scaled()
    const [first, ...rest] = run(45, 30)
    expect(first).toBeGreaterThanOrEqual(5)
    expect(new Set(rest.slice(12))).toEqual(new Set([5]))
  })

  it('takes nothing away before its first window is full', () => {
    const { state, run } = scaled()
    state.alive = 6
    const seen = run(18, 20)
    expect(seen.slice(0, 9)).toEqual(Array(9).fill(6))
    expect(seen.at(-1)).toBe(2)
  })

  it('goes down only after down.window, up at once', () => {
    const { run } = scaled({ downWindowMs: 30_000 })
    run(45, 20)
    const falling = run(18, 60)
    // Ten seconds to forget the higher rate, thirty to forget what it led to.
    expect(falling.indexOf(2)).toBeGreaterThanOrEqual(29)
    expect(falling.indexOf(2)).toBeLessThanOrEqual(42)
    expect(run(65, 12).at(-1)).toBe(7)
  })

  it('runs only while there is something to follow', () => {
    const { call, state, run } = scaled()
    expect(jest.getTimerCount()).toBe(0)
    run(50, 3)
    expect(jest.getTimerCount()).toBe(1)
    jest.advanceTimersByTime(15_000)
    expect(state.alive).toBe(1)
    expect(jest.getTimerCount()).toBe(0)
    call()
    expect(jest.getTimerCount()).toBe(1)
    state.alive = 0
    jest.advanceTimersByTime(1000)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('keeps to the minimum of an awake function', () => {
    const { run } = scaled({}, 3)
    expect(new Set(run(1, 5))).toEqual(new Set([3]))
  })
})
