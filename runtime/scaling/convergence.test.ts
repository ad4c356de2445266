import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Command, createMachine, type Limits } from '../replicas/machine.ts'
import { replicasFor } from './formula.ts'
import { createHighest } from './highest.ts'
import { createLoad } from './load.ts'
import { createMeter } from './meter.ts'

const limits: Limits = {
  ...{ min: 0, max: 20, concurrency: 400, idleMs: 60_000, maxWaiting: 20_000, maxWaitMs: 30_000, startMs: 30_000 },
  ...{ saturatedMs: 1000, freeCrashes: 5, firstPauseMs: 1000, maxPauseMs: 60_000 },
}
const STEP_MS = 5
const SETTLED_MS = 25_000
const END_MS = 45_000

interface World {
  type: 'rps' | 'capacity'
  perSecond: number
  callMs: number
  target: number
  downWindowMs: number
  /** From the start of a process to its readiness. */
  startMs: number
}

/** A machine under a steady load in a time of its own: how many served from when it should have settled, and what it still did. */
const settle = ({ type, perSecond, callMs, target, downWindowMs, startMs }: World) => {
  const machine = createMachine(limits)
  const meter = createMeter()
  const load = createLoad(type, { meter, pids: () => [], queueDepth: () => undefined })
  const highest = createHighest(downWindowMs)
  const due: { at: number; do: () => void }[] = []
  const changes: string[] = []
  const serving = new Set<number>()
  let now = 0
  let calls = 0
  let answered = 0

  const obey = (commands: Command[]): void => {
    for (const command of commands) {
      if (command.do === 'route') {
        const { replica } = command
        due.push({ at: now + callMs, do: () => end(replica) })
        continue
      }
      if (now > SETTLED_MS) changes.push(command.do)
      if (command.do === 'start') {
        const { replica } = command
        due.push({ at: now + startMs, do: () => obey(machine.ready(replica, now)) })
      } else if (command.do === 'drain') {
        const { replica } = command
        due.push({ at: now + STEP_MS, do: () => obey(machine.exited(replica, now)) })
      }
    }
  }
  const end = (replica: number): void => {
    answered++
    meter.left(now)
    obey(machine.done(replica, false, true, now))
  }

  load.restart(0)
  for (; now < END_MS; now += STEP_MS) {
    while (calls < (now * perSecond) / 1000) {
      meter.arrived(now)
      obey(machine.request(++calls, now))
    }
    for (const event of due.filter(({ at }) => at <= now)) {
      due.splice(due.indexOf(event), 1)
      event.do()
    }
    if (now % 1000 === 0 && now > 0) {
      const needed = replicasFor(load.sample(now), { target, proportion: 0.9 }, { min: 1, max: limits.max })
      obey(machine.recommend(highest.take(needed, now), now))
    }
    if ((machine.due(now) ?? Number.POSITIVE_INFINITY) <= now) obey(machine.tick(now))
    if (now > SETTLED_MS) serving.add(machine.view().replicas.filter(({ phase }) => phase === 'ready').length)
  }
  return { serving: [...serving], changes, unanswered: calls - answered }
}

describe('replicas under a steady load', () => {
  it('settle at the fixed point of the formula, with no start and no end from there, whatever a call and a start take', () => {
    const world = fc.record({
      type: fc.constantFrom('rps' as const, 'capacity' as const),
      perSecond: fc.integer({ min: 2, max: 150 }),
      callMs: fc.integer({ min: 1, max: 300 }).map((steps) => steps * STEP_MS),
      target: fc.integer({ min: 2, max: 40 }),
      downWindowMs: fc.constantFrom(0, 5000),
      startMs: fc.integer({ min: 20, max: 3000 }),
    })
    fc.assert(
      fc.property(world, (one) => {
        const load = one.type === 'rps' ? one.perSecond : (one.perSecond * one.callMs) / 1000
        const exact = load / (one.target * 0.9)
        // So near to a whole number one call more or less in ten seconds decides.
        fc.pre(Math.abs(exact - Math.round(exact)) > 0.15)
        const { serving, changes, unanswered } = settle(one)
        expect(changes).toEqual([])
        expect(serving).toEqual([Math.max(1, Math.min(limits.max, Math.ceil(exact)))])
        // Those of the last moment are still in flight.
        expect(unanswered).toBeLessThanOrEqual(Math.ceil(((one.callMs + 10) * one.perSecond) / 1000) + 1)
      }),
      { numRuns: 12 },
    )
  })
})
