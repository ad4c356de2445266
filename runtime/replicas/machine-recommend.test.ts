import { describe, expect, it } from '@jest/globals'
import { createMachine, type Limits } from './machine.ts'
import { simulate } from './simulation.ts'

const limits: Limits = {
  ...{ min: 0, max: 6, concurrency: 2, idleMs: 100, maxWaiting: 10, maxWaitMs: 30_000, startMs: 30_000 },
  ...{ saturatedMs: 1000, freeCrashes: 5, firstPauseMs: 1000, maxPauseMs: 4000 },
}

/** One replica with a call in flight. */
const busy = (overrides: Partial<Limits> = {}) => {
  const machine = createMachine({ ...limits, ...overrides })
  machine.request(1, 0)
  machine.ready(1, 10)
  return machine
}

const phases = (machine: ReturnType<typeof createMachine>) =>
  machine.view().replicas.map(({ id, phase, load }) => `${id} ${phase} ${load}`)

describe('a recommendation', () => {
  it('starts what is missing side by side, at most four at a time, up to the maximum', () => {
    const machine = busy()
    expect(machine.recommend(9, 20)).toEqual([2, 3, 4, 5].map((replica) => ({ do: 'start', replica })))
    expect(machine.ready(3, 30)).toEqual([{ do: 'start', replica: 6 }])
    expect(machine.ready(2, 31)).toEqual([])
  })

  it('spreads the calls over as many as it names', () => {
    const machine = busy({ concurrency: 10 })
    machine.recommend(3, 20)
    machine.ready(2, 30)
    machine.ready(3, 31)
    for (let call = 2; call <= 6; call++) machine.request(call, 30 + call)
    expect(phases(machine)).toEqual(['1 ready 2', '2 ready 2', '3 ready 2'])
    machine.recommend(1, 50)
    machine.request(7, 51)
    expect(phases(machine)).toEqual(['1 ready 3', '2 ready 2', '3 ready 2'])
  })

  it('lets what is beyond it go as soon as nothing is in flight there, without an idle time', () => {
    const machine = busy()
    machine.recommend(2, 20)
    machine.ready(2, 30)
    machine.request(2, 31)
    expect(machine.recommend(1, 40)).toEqual([])
    expect(machine.done(2, false, true, 41)).toEqual([{ do: 'drain', replica: 2 }])
  })

  it('uses what is beyond it while the others are full', () => {
    const machine = busy()
    machine.recommend(2, 20)
    machine.ready(2, 30)
    machine.request(2, 31)
    machine.request(3, 32)
    machine.recommend(1, 33)
    machine.done(1, false, true, 34)
    expect(machine.request(4, 35)).toEqual([{ do: 'route', call: 4, replica: 1 }])
    expect(machine.request(5, 36)).toEqual([{ do: 'route', call: 5, replica: 2 }])
  })

  it('rules instead of the saturation, and replaces what crashes', () => {
    const machine = busy({ concurrency: 1 })
    machine.recommend(1, 20)
    machine.request(2, 21)
    expect(machine.tick(5000)).toEqual([])
    machine.recommend(2, 5001)
    machine.ready(2, 5002)
    expect(machine.exited(2, 5003)).toEqual([{ do: 'start', replica: 3 }])
  })

  it('never means zero: that is for the idle time of all of them, which ends it', () => {
    const machine = busy()
    machine.recommend(2, 20)
    machine.ready(2, 30)
    machine.done(1, false, true, 1000)
    expect(machine.recommend(0, 1001)).toEqual([{ do: 'drain', replica: 2 }])
    expect(machine.tick(1100)).toEqual([])
    expect(machine.due(1100)).toBe(1101)
    expect(machine.tick(1101)).toEqual([{ do: 'drain', replica: 1 }])
    machine.exited(1, 1102)
    expect(machine.due(1102)).toBeUndefined()
    expect(machine.request(2, 2000)).toEqual([{ do: 'start', replica: 3 }])
  })

  it('holds what it names while one of them has calls, and keeps no timer busy for it', () => {
    const machine = busy()
    machine.recommend(2, 20)
    machine.ready(2, 30)
    expect(machine.tick(9000)).toEqual([])
    expect(machine.due(9000)).toBeUndefined()
  })

  it('wakes a function that sleeps', () => {
    const machine = createMachine(limits)
    expect(machine.recommend(2, 0)).toEqual([1, 2].map((replica) => ({ do: 'start', replica })))
  })
})

describe('a function that wakes to more than one', () => {
  it('starts them one after the other, holds them together, and lets them go together', () => {
    const machine = busy({ awake: 2 })
    expect(phases(machine)).toEqual(['1 ready 1', '2 starting 0'])
    machine.ready(2, 20)
    expect(machine.tick(5000)).toEqual([])
    machine.done(1, false, true, 6000)
    expect(machine.due(6000)).toBe(6101)
    expect(machine.tick(6101)).toEqual([1, 2].map((replica) => ({ do: 'drain', replica })))
  })

  it('goes at once where an operator says so', () => {
    const machine = busy({ awake: 2 })
    machine.ready(2, 20)
    expect(machine.scale(0, 30)).toEqual([{ do: 'drain', replica: 2 }])
    expect(machine.done(1, false, true, 40)).toEqual([{ do: 'drain', replica: 1 }])
  })
})

describe('a replica that says it is not ready', () => {
  it('gets no call until it is ready again, and no other starts for it', () => {
    const machine = busy()
    expect(machine.unready(1, 20)).toEqual([])
    expect(machine.request(2, 30)).toEqual([])
    expect(machine.done(1, false, true, 40)).toEqual([])
    expect(machine.ready(1, 50)).toEqual([{ do: 'route', call: 2, replica: 1 }])
  })

  it('leaves the calls to the others', () => {
    const machine = busy()
    machine.recommend(2, 20)
    machine.ready(2, 30)
    machine.unready(1, 40)
    expect(machine.request(2, 41)).toEqual([{ do: 'route', call: 2, replica: 2 }])
  })

  it('may be so from its start', () => {
    const machine = createMachine(limits)
    machine.request(1, 0)
    expect(machine.unready(1, 10)).toEqual([])
    expect(machine.tick(20_000)).toEqual([
      { do: 'drain', replica: 1 },
      { do: 'start', replica: 2 },
    ])
    expect(machine.ready(2, 20_001)).toEqual([{ do: 'route', call: 1, replica: 2 }])
  })

  it('retires when it is idle', () => {
    const machine = busy()
    machine.done(1, false, true, 20)
    machine.unready(1, 30)
    expect(machine.due(30)).toBe(121)
    expect(machine.tick(121)).toEqual([{ do: 'drain', replica: 1 }])
  })
})

describe('a replica that does not work any more', () => {
  it('ends what it has in flight, and another takes its place; its end is a crash', () => {
    const machine = busy()
    expect(machine.failed(1, 20)).toEqual([
      { do: 'drain', replica: 1 },
      { do: 'start', replica: 2 },
    ])
    machine.exited(1, 30)
    expect(machine.view().crashes).toBe(1)
  })

  it('is not replaced where nobody has called for the idle time', () => {
    const machine = busy()
    machine.streaming(1, 20)
    expect(machine.failed(1, 5000)).toEqual([{ do: 'drain', replica: 1 }])
  })
})

describe('seeded interleavings with recommendations and probes', () => {
  it('never fail a call, never stop a replica with something in flight, never exceed the maximum', () => {
    const result = simulate({ runs: 15_000, seed: 20_120_301, wishes: true })
    expect(result.violations).toEqual([])
    expect(result.calls).toBeGreaterThan(30_000)
    expect(result.retired).toBeGreaterThan(3_750)
  })

  it('are seen to break a law by a rule that retires with calls in flight (negative control)', () => {
    const mayRetire = (replica: { lastTouch: number }, now: number, idleMs: number) => now - replica.lastTouch > idleMs
    const { violations } = simulate({ runs: 5_000, seed: 20_120_301, wishes: true, mayRetire })
    expect(violations).toContain('a call in flight was cut off')
  })
})
