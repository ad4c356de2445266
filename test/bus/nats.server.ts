import { describe, expect, it } from '@jest/globals'
import { busSuite } from '#shared/bus/suite.ts'
import { until } from '#test/servers/until.ts'
import { eventOf, idsOf, LIMITS, natsWorld, readAll } from './nats-world.ts'

const world = natsWorld()

busSuite('NATS', async () => {
  const bus = await world.open()
  await bus.ensureTopics([{ topic: 'readings', partitions: 8, retentionDays: 7 }])
  return { bus, close: () => bus.close() }
})

const many = (topic: string, count: number, partition = 0) =>
  Array.from({ length: count }, (_, i) => eventOf(topic, `e${i}`, partition))

describe('a topic on NATS', () => {
  it('is a stream that keeps for as long as the registry says, with a subject for each partition', async () => {
    const bus = await world.open()
    await bus.ensureTopics([{ topic: 'made.here', partitions: 2, retentionDays: 3 }])
    await bus.ensureTopics([{ topic: 'made.here', partitions: 2, retentionDays: 5 }])
    const { config, created } = await world.raw(({ manager }) => manager.streams.info('made_here'))
    expect(config).toMatchObject({
      subjects: ['made.here.0', 'made.here.1'],
      storage: 'file',
      max_age: 3 * 86_400 * 1e9,
      duplicate_window: 120 * 1e9,
    })
    expect(await bus.logOf('made.here')).toBe(`nats/made_here/${created}`)
  })

  it('that has other partitions than the registry says is a fault of the configuration', async () => {
    const bus = await world.open()
    const topic = await world.topic(2)
    await expect(bus.ensureTopics([{ topic, partitions: 8, retentionDays: 7 }])).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(/has 2 partitions .* says 8/),
    })
  })

  it('has holes between the offsets of a partition, which reading passes', async () => {
    const bus = await world.open()
    const topic = await world.topic(2)
    await bus.append([eventOf(topic, 'a0', 0)])
    for (let i = 0; i < 50; i++) await bus.append([eventOf(topic, `b${i}`, 1)])
    await bus.append([eventOf(topic, 'a1', 0)])
    const events = await readAll(bus, topic, 0)
    expect(events.map(({ id, offset }) => [id, offset])).toEqual([
      ['a0', 1n],
      ['a1', 52n],
    ])
    expect(await bus.ends([topic])).toEqual([
      { topic, partition: 0, end: 53n },
      { topic, partition: 1, end: 52n },
    ])
    // Where only a hole follows there is nothing, and once something comes one read brings it.
    const reader = await bus.assign('holes', [topic], () => {})
    expect(await reader.read({ topic, partition: 1, offset: 52n }, LIMITS)).toEqual({ events: [], next: 52n })
    await bus.append([eventOf(topic, 'b50', 1)])
    expect(await reader.read({ topic, partition: 1, offset: 52n }, LIMITS)).toMatchObject({ next: 54n })
    await reader.release()
  })

  it('tells the offset of an instant', async () => {
    const bus = await world.open()
    const topic = await world.topic(2)
    await bus.append([eventOf(topic, 'early', 0), eventOf(topic, 'early', 1)])
    const early = [...(await readAll(bus, topic, 0)), ...(await readAll(bus, topic, 1))]
    const [first, beside] = early
    // The two may have been stored in different milliseconds.
    const later = Math.max(...early.map(({ appendedAt }) => appendedAt ?? 0)) + 1
    await until('a later millisecond', () => Date.now() > later)
    await bus.append([eventOf(topic, 'late', 0)])
    const [, late] = await readAll(bus, topic, 0)
    expect(await bus.offsetAt?.(topic, 0, new Date(0))).toBe(first?.offset)
    expect(await bus.offsetAt?.(topic, 0, new Date(later))).toBe(late?.offset)
    expect(await bus.offsetAt?.(topic, 1, new Date(later))).toBe((beside?.offset ?? 0n) + 1n)
  })
})

describe('appending to NATS', () => {
  it.each([1, 100])('stores once what is appended again, %i events at a time', async (count) => {
    const bus = await world.open()
    const topic = await world.topic()
    const events = many(topic, count)
    await bus.append(events)
    await bus.append([...events, eventOf(topic, 'new')])
    expect(idsOf(await readAll(bus, topic))).toEqual([...idsOf(events as never), 'new'])
  })

  it('stores two values of one id, and takes the word of the relay for what is a repetition', async () => {
    const bus = await world.open()
    const topic = await world.topic()
    await bus.append([eventOf(topic, 'one', 0, '1'), eventOf(topic, 'one', 0, '2')])
    await bus.append([
      { ...eventOf(topic, 'two', 0, '1'), dedupeId: '0/7' },
      { ...eventOf(topic, 'two', 0, '1'), dedupeId: '0/8' },
      { ...eventOf(topic, 'two', 0, '1'), dedupeId: '0/7' },
    ])
    expect(idsOf(await readAll(bus, topic))).toEqual(['one', 'one', 'two', 'two'])
  })

  it('control: without names for repetitions the server stores them again', async () => {
    const bus = await world.open()
    const topic = await world.topic()
    await world.raw(async ({ js }) => {
      for (let i = 0; i < 2; i++) await js.publish(`${topic}.0`, 'same')
    })
    expect(await readAll(bus, topic)).toHaveLength(2)
  })

  it.each([5, 100])('fails the caller alone whose event the server refuses, of %i', async (count) => {
    const bus = await world.open()
    const topic = await world.topic(1, { max_msg_size: 2000 })
    const good = many(topic, count).map((event) => bus.append([event]))
    const bad = bus.append([eventOf(topic, 'bad', 0, 'x'.repeat(3000))])
    const later = bus.append([eventOf(topic, 'later')])
    await expect(bad).rejects.toMatchObject({ name: 'RefusedEvent', message: expect.stringContaining('bad') })
    await Promise.all([...good, later])
    expect(idsOf(await readAll(bus, topic))).toEqual([...good.map((_, i) => `e${i}`), 'later'])
  })

  const withBad = (topic: string, count: number) => [
    eventOf(topic, 'before'),
    eventOf(topic, 'bad', 0, 'x'.repeat(3000)),
    ...many(topic, count),
  ]

  it.each([5, 100])('stores nothing behind an event it could not store, of %i', async (count) => {
    const bus = await world.open()
    const topic = await world.topic(1, { max_msg_size: 2000 })
    await expect(bus.append(withBad(topic, count))).rejects.toThrow('bad')
    expect(['', 'before']).toContain(idsOf(await readAll(bus, topic)).join())
  })

  it('control: sent without awaiting each answer, what comes behind is stored before', async () => {
    const bus = await world.open()
    const topic = await world.topic(1, { max_msg_size: 2000 })
    await world.raw(({ js }) =>
      Promise.allSettled(withBad(topic, 5).map(({ data, partition }) => js.publish(`${topic}.${partition}`, data))),
    )
    expect(await readAll(bus, topic)).toHaveLength(6)
  })

  it('keeps the order of each partition over batches and single events', async () => {
    const bus = await world.open()
    const topic = await world.topic(3)
    const appended: Promise<void>[] = []
    for (let i = 0; i < 3000; i++) appended.push(bus.append([eventOf(topic, String(i), i % 3)]))
    await Promise.all(appended)
    for (const partition of [0, 1, 2]) {
      const ids = idsOf(await readAll(bus, topic, partition)).map(Number)
      expect(ids).toEqual(Array.from({ length: 1000 }, (_, i) => 3 * i + partition))
    }
  })
})

describe('a foreign stream', () => {
  it.each([
    ['ALONE', 'of its subject alone', ['alone.traffic']],
    ['SEVERAL', 'of several subjects', ['several.other', 'several.traffic', 'more.several.>']],
    ['WILD', 'with many others of one wildcard', ['wild.>']],
  ])('%s: %s is a topic of one partition, its plain messages are named', async (name, _, subjects) => {
    const topic = `${name.toLowerCase()}.traffic`
    const other = `${name.toLowerCase()}.other`
    const shared = subjects.join() !== topic
    await world.raw(async ({ manager, js, connection }) => {
      await manager.streams.add({ name, subjects })
      if (shared) await js.publish(other, 'not ours')
      await js.publish(topic, '{"vehicle_count":12}')
      await js.publish(topic, '{"vehicle_count":13}', { msgID: 'count-13' })
      connection.publish(topic)
      // Nobody is told that a plain message was stored.
      const all = shared ? 4 : 3
      await until('all of it', async () => (await manager.streams.info(name)).state.last_seq === all)
    })
    const bus = await world.open()
    const events = await readAll(bus, topic)
    const first = shared ? 2 : 1
    expect(events.map(({ id, type, data }) => [id, type, Buffer.from(data).toString()])).toEqual([
      [`${name}/${first}`, 'raw', '{"vehicle_count":12}'],
      ['count-13', 'raw', '{"vehicle_count":13}'],
      [`${name}/${first + 2}`, 'raw', ''],
    ])
    expect(events[0]).toMatchObject({ topic, partition: 0, attributes: { source: `/topics/${topic}` } })
    expect(await bus.ends([topic])).toEqual([{ topic, partition: 0, end: BigInt(first + 3) }])
  })
})
