import { describe, expect, it } from '@jest/globals'
import { createMachine, type Limits, type RetireRule } from './machine.ts'
import { simulate } from './simulation.ts'

const limits: Limits = {
  min: 0,
  max: 2,
  concurrency: 2,
  idleMs: 100,
  maxWaiting: 3,
  maxWaitMs: 30_000,
  startMs: 30_000,
  saturatedMs: 1000,
  freeCrashes: 5,
  firstPauseMs: 1000,
  maxPauseMs: 4000,
}

const started = (overrides: Partial<Limits> = {}) => {
  const machine = createMachine({ ...limits, ...overrides })
  machine.request(1, 0)
  machine.ready(1, 10)
  return machine
}

describe('the replicas of a function', () => {
  it('starts one for any number of waiting calls and hands them out in order', () => {
    const machine = createMachine(limits)
    expect(machine.request(1, 0)).toEqual([{ do: 'start', replica: 1 }])
    expect(machine.request(2, 0)).toEqual([])
    expect(machine.request(3, 0)).toEqual([])
    expect(machine.request(4, 0)).toEqual([{ do: 'reject', call: 4, reason: 'full' }])
    expect(machine.ready(1, 5)).toEqual([
      { do: 'route', call: 1, replica: 1 },
      { do: 'route', call: 2, replica: 1 },
    ])
    expect(machine.done(1, false, true, 6)).toEqual([{ do: 'route', call: 3, replica: 1 }])
  })

  it('retires what is idle, never what has a call or a stream in flight', () => {
    const machine = started()
    expect(machine.tick(1000)).toEqual([])
    machine.streaming(1, 1000)
    expect(machine.tick(2000)).toEqual([])
    machine.done(1, true, true, 3000)
    expect(machine.tick(3100)).toEqual([])
    expect(machine.due(3100)).toBe(3101)
    expect(machine.tick(3101)).toEqual([{ do: 'drain', replica: 1 }])
  })

  it('starts a new one for a call that meets only a draining one', () => {
    const machine = started()
    machine.done(1, false, true, 10)
    machine.tick(1000)
    expect(machine.request(2, 1000)).toEqual([{ do: 'start', replica: 2 }])
    expect(machine.exited(1, 1001)).toEqual([])
    expect(machine.ready(2, 1002)).toEqual([{ do: 'route', call: 2, replica: 2 }])
    expect(machine.view().crashes).toBe(0)
  })

  it('starts a second one only after its calls filled the first for a while', () => {
    const machine = started()
    machine.request(2, 20)
    machine.request(3, 500)
    expect(machine.due(500)).toBe(1020)
    expect(machine.tick(1019)).toEqual([])
    expect(machine.tick(1020)).toEqual([{ do: 'start', replica: 2 }])
    expect(machine.tick(9000)).toEqual([])
  })

  it('does not count streams as load', () => {
    const machine = started()
    machine.streaming(1, 20)
    machine.request(2, 20)
    expect(machine.request(3, 30)).toEqual([{ do: 'route', call: 3, replica: 1 }])
    machine.streaming(1, 40)
    machine.streaming(1, 40)
    expect(machine.tick(5000)).toEqual([])
    expect(machine.view().replicas).toHaveLength(1)
  })

  it('gives waiting calls up after their time, also when no replica gets ready', () => {
    const machine = createMachine({ ...limits, startMs: 60_000 })
    machine.request(1, 0)
    expect(machine.due(0)).toBe(30_000)
    expect(machine.tick(30_000)).toEqual([{ do: 'reject', call: 1, reason: 'timeout' }])
    expect(machine.tick(60_000)).toEqual([{ do: 'kill', replica: 1 }])
  })

  it('restarts five crashes at once, then pauses longer and longer, up to a limit', () => {
    const machine = createMachine({ ...limits, maxWaitMs: 600_000 })
    machine.request(1, 0)
    for (const id of [1, 2, 3, 4]) expect(machine.exited(id, 0)).toEqual([{ do: 'start', replica: id + 1 }])
    const pauses = [5, 6, 7, 8].map((id) => {
      const now = id * 100_000 - 500_000
      expect(machine.exited(id, now)).toEqual([])
      const due = machine.due(now) ?? 0
      expect(machine.tick(due - 1)).toEqual([])
      expect(machine.tick(due)).toEqual([{ do: 'start', replica: id + 1 }])
      return due - now
    })
    expect(pauses).toEqual([1000, 2000, 4000, 4000])
  })

  it('forgets crashes once a call was answered, not when one was cut off', () => {
    const machine = started()
    machine.exited(1, 20)
    machine.request(2, 20)
    machine.ready(2, 30)
    machine.done(2, false, false, 40)
    expect(machine.view().crashes).toBe(1)
    machine.request(3, 50)
    machine.done(2, false, true, 60)
    expect(machine.view()).toMatchObject({ crashes: 0, allCrashes: 1 })
  })

  it('routes no more to a replica whose socket refuses, and starts another', () => {
    const machine = started()
    // Never killed at once: it may be draining, and calls it has in flight would be cut off.
    expect(machine.lost(1, 20)).toEqual([{ do: 'drain', replica: 1 }])
    expect(machine.request(2, 20)).toEqual([{ do: 'start', replica: 2 }])
  })

  it('scales by hand, up one start at a time and down as calls end', () => {
    const machine = createMachine(limits)
    expect(machine.scale(2, 0)).toEqual([{ do: 'start', replica: 1 }])
    expect(machine.ready(1, 1)).toEqual([{ do: 'start', replica: 2 }])
    expect(machine.ready(2, 2)).toEqual([])
    machine.request(1, 3)
    expect(machine.scale(0, 4)).toEqual([{ do: 'drain', replica: 2 }])
    expect(machine.done(1, false, true, 5)).toEqual([{ do: 'drain', replica: 1 }])
  })

  it('keeps its minimum', () => {
    const machine = createMachine({ ...limits, min: 1 })
    expect(machine.tick(0)).toEqual([{ do: 'start', replica: 1 }])
    machine.ready(1, 1)
    expect(machine.tick(10_000)).toEqual([])
    expect(machine.due(10_000)).toBeUndefined()
    expect(machine.exited(1, 10_000)).toEqual([{ do: 'start', replica: 2 }])
  })

  it('ends in order: rejects what waits, drains what runs', () => {
    const machine = started({ max: 1 })
    machine.request(2, 20)
    machine.request(3, 20)
    expect(machine.stop(30)).toEqual([
      { do: 'reject', call: 3, reason: 'stopped' },
      { do: 'drain', replica: 1 },
    ])
    expect(machine.request(4, 31)).toEqual([{ do: 'reject', call: 4, reason: 'stopped' }])
  })
})

describe('1,000,000 seeded interleavings', () => {
  const seed = 20_120_301

  it('never fail a call, never stop a replica with something in flight, never start two at once', () => {
    const result = simulate({ runs: 1_000_000, seed })
    expect(result.violations).toEqual([])
    expect(result.calls).toBeGreaterThan(2_000_000)
    expect(result.retired).toBeGreaterThan(200_000)
    expect(result.metDraining).toBeGreaterThan(10_000)
  })

  it('the simulation sees a rule that retires with calls in flight (negative control)', () => {
    const careless: RetireRule = (replica, now, idleMs) => now - replica.lastTouch > idleMs
    expect(simulate({ runs: 10_000, seed, mayRetire: careless }).violations).toContain('a call in flight was cut off')
  })

  it('and one that never looks at the idle time', () => {
    const hasty: RetireRule = (replica) => replica.inflight === 0
    expect(simulate({ runs: 10_000, seed, mayRetire: hasty }).violations).toContain('retired before its idle time')
  })
})
