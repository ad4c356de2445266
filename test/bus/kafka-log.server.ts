import { afterEach, describe, expect, it } from '@jest/globals'
import type { OpenSession, SessionEvents } from '#shared/bus/kafka-session.ts'
import type { Assignment, Bus } from '#shared/bus/port.ts'
import { until } from '#test/servers/until.ts'
import { assignWhole, eventOf, kafkaWorld, LIMITS, readThere } from './kafka-world.ts'

const world = kafkaWorld()
const ids = (n: number) => Array.from({ length: n }, (_, i) => `e${i}`)
const readers: Assignment[] = []
const reader = async (bus: Bus, topic: string) => {
  const assignment = await assignWhole(bus, `of-${topic}`, topic)
  readers.push(assignment)
  return assignment
}
afterEach(async () => {
  await Promise.all(readers.splice(0).map((one) => one.release()))
})

const deleteBelow = (topic: string, offset: string) =>
  world.admin(async (admin) => {
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] })
  })

const transaction = async (topic: string, values: string[], end: 'commit' | 'abort') => {
  const producer = world.raw.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId: `t-${topic}` })
  await producer.connect()
  const open = await producer.transaction()
  await open.send({ topic, messages: values.map((value) => ({ value })) })
  return async () => {
    await open[end]()
    await producer.disconnect()
  }
}

describe('a position outside of the log', () => {
  it('is told, below what is retained and beyond the end', async () => {
    const topic = await world.topic()
    const bus = await world.open()
    await bus.append(ids(10).map((id) => eventOf(topic, id)))
    await deleteBelow(topic, '5')
    const one = await reader(bus, topic)
    const at = (offset: bigint) => one.read({ topic, partition: 0, offset }, LIMITS)
    await expect(at(4n)).rejects.toMatchObject({
      name: 'PositionOutOfRange',
      message: expect.stringMatching(/4 .* 5 to 10/),
    })
    await expect(at(11n)).rejects.toMatchObject({ name: 'PositionOutOfRange' })
    expect((await readThere(one, { topic, partition: 0, offset: 5n })).events).toHaveLength(5)
    expect(await bus.earliest(topic, 0)).toBe(5n)
  })

  it('is told when retention overtakes a reader, which the client library would leave silently', async () => {
    const topic = await world.topic()
    const bus = await world.open()
    // More than is fetched ahead.
    const large = 'x'.repeat(100_000)
    for (let i = 0; i < 6; i++) {
      await bus.append(Array.from({ length: 10 }, (_, j) => eventOf(topic, `e${i * 10 + j}`, 0, large)))
    }
    const one = await reader(bus, topic)
    const first = await readThere(one, { topic, partition: 0, offset: 0n }, { events: 1, bytes: 1 })
    await deleteBelow(topic, '58')
    const seen = first.events.map(({ id }) => id)
    const readOn = async () => {
      for (let offset = first.next; ; ) {
        const slice = await one.read({ topic, partition: 0, offset }, LIMITS)
        seen.push(...slice.events.map(({ id }) => id))
        offset = slice.next
      }
    }
    await expect(readOn()).rejects.toMatchObject({ name: 'PositionOutOfRange' })
    expect(seen).toEqual(ids(seen.length))
    expect(seen.length).toBeLessThan(58)
  })
})

describe('holes', () => {
  it('are passed: aborted records, and the marks of transactions at the end', async () => {
    const topic = await world.topic()
    const bus = await world.open()
    await bus.append([eventOf(topic, 'before')])
    await (await transaction(topic, ['aborted 1', 'aborted 2'], 'abort'))()
    await bus.append([eventOf(topic, 'after')])
    await (await transaction(topic, ['aborted 3'], 'abort'))()
    const { read } = await reader(bus, topic)
    const seen: string[] = []
    let offset = 0n
    await until('the end', async () => {
      const slice = await read({ topic, partition: 0, offset }, LIMITS)
      seen.push(...slice.events.map(({ id }) => id))
      offset = slice.next
      // The end of a transaction is answered before its mark is there.
      return offset === 7n
    })
    expect(seen).toEqual(['before', 'after'])
    expect((await bus.ends([topic]))[0]?.end).toBe(7n)
  })

  it('are not made of what a transaction may still commit', async () => {
    const topic = await world.topic()
    const bus = await world.open({ settings: { watchdogMs: 300 } })
    await bus.append([eventOf(topic, 'before')])
    const commit = await transaction(topic, ['undecided'], 'commit')
    const one = await reader(bus, topic)
    expect((await bus.ends([topic]))[0]?.end).toBe(1n)
    await readThere(one, { topic, partition: 0, offset: 0n })
    for (let i = 0; i < 3; i++) {
      expect(await one.read({ topic, partition: 0, offset: 1n }, LIMITS)).toEqual({ events: [], next: 1n })
    }
    await commit()
    const decided = await readThere(one, { topic, partition: 0, offset: 1n })
    expect(Buffer.from(decided.events[0]?.data as Uint8Array).toString()).toBe('undecided')
  })
})

describe('a client that reads nothing', () => {
  /** Sessions of which the first so many get nothing, although they are members in good standing. */
  const deaf = (count: number) => {
    const opened: SessionEvents[] = []
    const sessions =
      (real: OpenSession): OpenSession =>
      (consumer, topics, events) => {
        opened.push(events)
        const hears = opened.length > count
        return real(consumer, topics, hears ? events : { ...events, onFetched: () => false, onSkipped: () => {} })
      }
    return { opened, sessions }
  }

  it('is made anew, and what it missed is read', async () => {
    const topic = await world.topic(2)
    const { opened, sessions } = deaf(1)
    const bus = await world.open({ sessions, settings: { watchdogMs: 2_000 } })
    await bus.append(ids(10).map((id) => eventOf(topic, id)))
    const slice = await readThere(await reader(bus, topic), { topic, partition: 0, offset: 0n })
    expect(slice.events.map(({ id }) => id)).toEqual(ids(10))
    // A slow machine may need one more.
    expect(opened.length).toBeGreaterThanOrEqual(2)
  })

  it('control: without the watchdog it reads nothing for good', async () => {
    const topic = await world.topic()
    const { opened, sessions } = deaf(1)
    const bus = await world.open({ sessions, settings: { watchdogMs: 3_600_000 } })
    await bus.append(ids(10).map((id) => eventOf(topic, id)))
    const { read } = await reader(bus, topic)
    for (let i = 0; i < 4; i++) {
      expect(await read({ topic, partition: 0, offset: 0n }, LIMITS)).toEqual({ events: [], next: 0n })
    }
    expect(opened).toHaveLength(1)
  })

  it('twice up to the same end has met a hole: it is passed, and no other client is made', async () => {
    const topic = await world.topic()
    const { opened, sessions } = deaf(Number.POSITIVE_INFINITY)
    const bus = await world.open({ sessions, settings: { watchdogMs: 2_000 } })
    await bus.append(ids(3).map((id) => eventOf(topic, id)))
    const { read } = await reader(bus, topic)
    const slice = await until('the end of the hole', async () => {
      const slice = await read({ topic, partition: 0, offset: 0n }, LIMITS)
      return slice.next > 0n && slice
    })
    expect(slice).toEqual({ events: [], next: 3n })
    const clients = opened.length
    expect(clients).toBeGreaterThanOrEqual(2)
    for (let i = 0; i < 2; i++) await read({ topic, partition: 0, offset: 3n }, LIMITS)
    expect(opened).toHaveLength(clients)
  })
})
