import { describe, expect, it, jest } from '@jest/globals'
import { CompressionTypes, Kafka } from 'kafkajs'
import { until } from '#test/servers/until.ts'
import { eventOf, kafkaWorld, readAll } from './kafka-world.ts'

const world = kafkaWorld()
const ids = (n: number) => Array.from({ length: n }, (_, i) => `e${i}`)

describe('appending', () => {
  /** One append before, one while the broker stands still, one after; what then lies on the log. */
  async function aroundAPause(topic: string, append: (id: string) => Promise<unknown>) {
    await append('a')
    await world.server.freeze()
    try {
      await expect(append('b')).rejects.toThrow()
    } finally {
      world.server.signal('SIGCONT')
    }
    await until('c acknowledged', async () => {
      await append('c')
      return true
    })
    return (await readAll(await world.open(), topic)).map(({ data }) => Buffer.from(data).toString())
  }

  it('loses nothing after a flush of which nobody knows whether it was stored', async () => {
    const topic = await world.topic()
    const bus = await world.open({ settings: { requestMs: 8_000 } })
    expect(await aroundAPause(topic, (id) => bus.append([eventOf(topic, id, 0, id)]))).toContain('c')
  })

  it('control: the same producer used again after a failure has records acknowledged that are not stored', async () => {
    const topic = await world.topic()
    const options = { brokers: world.server.brokers, requestTimeout: 8_000, logLevel: 0 }
    const producer = new Kafka(options).producer({ idempotent: true, retry: { retries: 1, initialRetryTime: 50 } })
    await producer.connect()
    const send = (value: string) => producer.send({ topic, acks: -1, messages: [{ value }] })
    expect(await aroundAPause(topic, send)).not.toContain('c')
    await producer.disconnect()
  })

  it('cuts what is larger than one request of Kafka, in order', async () => {
    const topic = await world.topic()
    const bus = await world.open()
    await bus.append(ids(30).map((id) => eventOf(topic, id, 0, 'x'.repeat(100_000))))
    expect((await readAll(bus, topic)).map(({ id }) => id)).toEqual(ids(30))
  })

  it('takes an event the topic has no room for as that caller’s alone', async () => {
    const topic = await world.topic(1, { 'max.message.bytes': '50000' })
    const bus = await world.open()
    const good = ids(5).map((id) => bus.append([eventOf(topic, id)]))
    const large = bus.append([eventOf(topic, 'large', 0, 'x'.repeat(100_000))])
    await Promise.all(good)
    await expect(large).rejects.toMatchObject({ name: 'RefusedEvent', code: 'oversize' })
    expect(new Set((await readAll(bus, topic)).map(({ id }) => id))).toEqual(new Set(ids(5)))
  })

  it('makes no topic that nobody planned, though the broker would', async () => {
    const bus = await world.open()
    await expect(bus.append([eventOf('never.planned', 'a')])).rejects.toThrow(/never\.planned/)
    await expect(bus.ends(['never.planned'])).rejects.toThrow(/never\.planned/)
    await expect(bus.assign('c', ['never.planned'], () => {})).rejects.toThrow(/never\.planned/)
    expect(await world.admin((one) => one.listTopics())).not.toContain('never.planned')
  })
})

describe('topics', () => {
  it('are made with partitions and retention; others than planned are refused', async () => {
    const bus = await world.open()
    await bus.ensureTopics([{ topic: 'planned', partitions: 3, retentionDays: 2 }])
    await bus.ensureTopics([{ topic: 'planned', partitions: 3, retentionDays: 9 }])
    expect(await until('they are served', () => bus.ends(['planned']))).toHaveLength(3)
    const { resources } = await world.admin((one) =>
      one.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: 'planned', configNames: ['retention.ms'] }],
      }),
    )
    expect(resources[0]?.configEntries[0]?.configValue).toBe('172800000')
    await expect(bus.ensureTopics([{ topic: 'planned', partitions: 4, retentionDays: 2 }])).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(/planned .* 3 partitions.* 4/),
    })
  })

  it('are told of though one is gone that was asked for before', async () => {
    const [gone, kept, late] = [await world.topic(), await world.topic(), await world.topic()]
    const bus = await world.open()
    await bus.ends([gone, kept])
    await world.admin((one) => one.deleteTopics({ topics: [gone] }))
    const ends = (topic: string) => bus.ends([topic]).catch(({ name }) => name)
    await until('the end of it', async () => (await ends(gone)) === 'NoSuchTopic')
    expect(await ends(late)).toEqual([{ topic: late, partition: 0, end: 0n }])
    expect(await ends(gone)).toBe('NoSuchTopic')
    // The client library asks for its topics anew every five minutes.
    const { now } = Date
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 600_000)
    expect(await ends(kept).finally(() => clock.mockRestore())).toEqual([{ topic: kept, partition: 0, end: 0n }])
  })

  it('are of a log named by the cluster', async () => {
    const { clusterId } = await world.admin((one) => one.describeCluster())
    expect(await (await world.open()).logOf('planned')).toBe(`kafka/${clusterId}`)
  })
})

describe('records of others', () => {
  it('get ids by their place; tombstones are no events; nothing else is lost', async () => {
    const topic = await world.topic()
    const bus = await world.open()
    const { clusterId } = await world.admin((one) => one.describeCluster())
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`h${i}`, 'v']))
    const producer = world.raw.producer()
    await producer.connect()
    await producer.send({
      topic,
      compression: CompressionTypes.GZIP,
      messages: [
        { key: 's1', value: '{"vehicle_count": 12}' },
        { key: 's1', value: null },
        { value: 'no key' },
        { value: 'headers', headers: many },
        { value: 'no utf-8', headers: { ce_id: Buffer.from([0xff]), ce_type: 't', ce_source: '/s' } },
        { key: Buffer.from([0xff, 0]), value: 'NUL', headers: { ce_id: 'a\0b', ce_type: 't' } },
        {
          key: 'k',
          value: '{}',
          headers: { ce_specversion: '1.0', ce_id: 'own', ce_type: 'theirs', ce_source: '/them' },
        },
        { value: Buffer.alloc(0) },
        {
          key: 's1',
          value: '{"specversion":"1.0","id":"whole","source":"/them","type":"theirs","data":{"vehicle_count":12}}',
          headers: { 'content-type': 'application/cloudevents+json' },
        },
      ],
    })
    await producer.disconnect()
    const events = await readAll(bus, topic)
    const place = (offset: number) => `${clusterId}/${topic}/0/${offset}`
    expect(events.map(({ id, key, type }) => [id, key, type])).toEqual([
      [place(0), 's1', 'raw'],
      [place(2), '', 'raw'],
      [place(3), '', 'raw'],
      [place(4), '', 'raw'],
      [place(5), '/wA=', 'raw'],
      ['own', 'k', 'theirs'],
      [place(7), '', 'raw'],
      ['whole', 's1', 'theirs'],
    ])
    expect(Buffer.from(events.at(-1)?.data ?? []).toString()).toBe('{"vehicle_count":12}')
    expect(events[0]?.attributes).toMatchObject({ source: `/topics/${topic}`, time: expect.stringMatching(/^20.*Z$/) })
    expect(events[5]?.attributes).toEqual({ source: '/them' })
    expect(Object.keys(events[2]?.attributes ?? {})).toEqual(['source', 'time'])
  })

  it('inflate so far and no further: a bomb is named, and only its readers stop', async () => {
    const [topic, other] = [await world.topic(), await world.topic()]
    const bus = await world.open()
    await bus.append([eventOf(other, 'harmless')])
    const producer = world.raw.producer()
    await producer.connect()
    const value = Buffer.alloc(70 << 20)
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ value }] })
    await producer.disconnect()
    const bomb = { name: 'ConfigurationError', message: expect.stringMatching(/inflate to more than 64 MiB/) }
    await expect(readAll(bus, topic)).rejects.toMatchObject(bomb)
    expect(await readAll(bus, other)).toHaveLength(1)
  })

  it('and ours are CloudEvents in binary mode for them', async () => {
    const topic = await world.topic()
    const bus = await world.open()
    const attributes = { source: '/a', time: '2024-03-04T06:00:00.000Z', subject: 'ü' }
    await bus.append([{ ...eventOf(topic, 'id-1'), attributes }])
    const consumer = world.raw.consumer({ groupId: `someone-${topic}` })
    const messages: { key: string; value: string; headers: object }[] = []
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        eachMessage: async ({ message: { key, value, headers = {} } }) => {
          const texts = Object.entries(headers).map(([name, bytes]) => [name, String(bytes)])
          messages.push({ key: String(key), value: String(value), headers: Object.fromEntries(texts) })
        },
      })
      await until('the message', () => messages.length > 0)
    } finally {
      await consumer.disconnect()
    }
    expect(messages[0]).toEqual({
      key: 'key-id-1',
      value: '{"id":"id-1"}',
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: 'id-1',
        ce_type: 'test.v1',
        ce_source: '/a',
        ce_time: '2024-03-04T06:00:00.000Z',
        ce_subject: 'ü',
      },
    })
  })
})
