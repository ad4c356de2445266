import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Kafka } from 'kafkajs'
import { type KafkaServer, startKafka } from './kafka.ts'
import { until } from './until.ts'

let server: KafkaServer
beforeAll(async () => {
  server = await startKafka()
}, 600_000)
afterAll(() => server?.stop())

it('answers on the same port after SIGKILL, with what it had acknowledged', async () => {
  const kafka = new Kafka({ brokers: server.brokers, logLevel: 0 })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'kept', numPartitions: 1 }] })
  await until('the topic is served', () => admin.fetchTopicOffsets('kept'))
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'a' }, { value: 'b' }] })
  await producer.disconnect()
  server.signal('SIGKILL')
  await server.restart()
  expect((await admin.fetchTopicOffsets('kept')).map(({ high }) => high)).toEqual(['2'])
  await admin.disconnect()
  // A start of the broker.
}, 300_000)

it('is one that is already there for who asks nothing of it, and cannot be killed then', async () => {
  process.env.KAFKA_URL = 'kafka://h1:9093,h2'
  try {
    const there = await startKafka()
    expect(there.brokers).toEqual(['h1:9093', 'h2:9092'])
    expect(() => there.signal('SIGKILL')).toThrow(/KAFKA_URL/)
  } finally {
    delete process.env.KAFKA_URL
  }
})
