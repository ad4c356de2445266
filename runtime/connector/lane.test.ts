import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { PositionOutOfRange } from '#shared/bus/errors.ts'
import type { Slice } from '#shared/bus/port.ts'
import { createLane } from './lane.ts'
import { connectorMetrics } from './metrics.ts'

const never = () => Promise.reject(new Error('nothing is to be called for'))

/** A lane that has done all of a log of five events. */
async function idleLane(read: () => Promise<Slice>, mayCall = () => true) {
  let position = 5n
  const lane = createLane({
    spec: {
      ...{ name: 'f', topics: ['t'], foreignTopic: undefined, schedule: undefined, foreignSchedule: false },
      ...{ batch: 10, lingerMs: 0, from: 'earliest', execTimeoutMs: 1_000 },
    },
    place: { consumer: 'f', topic: 't', partition: 0 },
    read,
    passed: () => {},
    positions: {
      load: async () => ({ next: position, day: '-infinity' }),
      ...{ all: never, count: never, move: never, bury: never },
    },
    delivery: { batch: 10, movesPosition: true, send: never },
    ...{ mayCall, report: () => {} },
    metrics: connectorMetrics(new Registry(), () => []),
    time: { now: () => 1_000, random: () => 0.5, sleep: never },
    log: pino({ level: 'silent' }),
  })
  await lane.run(false)
  lane.seen(5n)
  const setTo = (next: bigint) => {
    position = next
    lane.stored(next)
  }
  return { lane, setTo }
}

describe('a lane with nothing to do whose log ends lower', () => {
  it('asks the log once it was seen twice, and rests after the answer', async () => {
    let reads = 0
    const { lane } = await idleLane(async () => {
      reads++
      throw new PositionOutOfRange('position 5 of t/0 lies beyond the end of the log, 2')
    })
    lane.seen(2n)
    expect(lane.readyAt()).toBe(Number.POSITIVE_INFINITY)
    lane.seen(2n)
    await lane.run(false)
    expect(reads).toBe(1)
    expect(lane.halt).toMatchObject({ code: 'position_out_of_range' })
    expect(lane.readyAt()).toBeGreaterThan(1_000)
  })

  it('has nothing to do where the log answers after all', async () => {
    const { lane } = await idleLane(async () => ({ events: [], next: 5n }))
    lane.seen(2n)
    lane.seen(2n)
    await lane.run(false)
    expect(lane.halt).toBeUndefined()
    expect(lane.readyAt()).toBe(Number.POSITIVE_INFINITY)
  })

  it('has nothing to do where its position was set to that end meanwhile', async () => {
    const { lane, setTo } = await idleLane(async () => ({ events: [], next: 2n }))
    lane.seen(2n)
    lane.seen(2n)
    setTo(2n)
    await lane.run(false)
    expect(lane.status()).toMatchObject({ position: '2', end: '2', lag: 0 })
    expect(lane.readyAt()).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a lane whose consumer is told to stop while it reads', () => {
  const event = {
    topic: 't',
    partition: 0,
    offset: 5n,
    id: 'a',
    type: 'x',
    key: 'k',
    attributes: {},
    data: Buffer.from('{}'),
  }
  const slice = { events: [event], next: 6n }

  it.each([
    { stopped: true, told: 'begins no call' },
    { stopped: false, told: 'calls otherwise' },
  ])('$told', async ({ stopped }) => {
    let mayCall = true
    const { lane } = await idleLane(
      async () => {
        mayCall = !stopped
        return slice
      },
      () => mayCall,
    )
    lane.seen(6n)
    const run = lane.run(false)
    await (stopped ? expect(run).resolves.toBeUndefined() : expect(run).rejects.toThrow('nothing is to be called for'))
  })
})
