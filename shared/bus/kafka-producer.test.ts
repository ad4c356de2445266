import { expect, it } from '@jest/globals'
import type { Kafka, ProducerBatch, RecordMetadata } from 'kafkajs'
import { kafkaAppender } from './kafka-producer.ts'
import type { KafkaTopics } from './kafka-topics.ts'
import type { BusEvent } from './port.ts'

const event = (partition: number): BusEvent => ({
  topic: 'readings',
  partition,
  key: 'k',
  id: `e${partition}`,
  type: 't',
  attributes: { source: '/test' },
  data: Buffer.from('{}'),
})

/** An appender whose broker says that it stored these partitions of what it was sent. */
function appenderThatStores(partitions: number[]) {
  let clients = 0
  const sendBatch = async (_batch: ProducerBatch): Promise<RecordMetadata[]> =>
    partitions.map((partition) => ({ topicName: 'readings', partition, errorCode: 0, baseOffset: '7' }))
  const make = () => {
    clients++
    return { producer: () => ({ connect: async () => {}, disconnect: async () => {}, sendBatch }) } as unknown as Kafka
  }
  const topics = { check: async () => {}, reached: () => {} } as unknown as KafkaTopics
  const appender = kafkaAppender({ make, requestMs: 1000, fault: (error) => error }, topics)
  return { append: appender.append, clients: () => clients }
}

it('takes nothing for stored of which the library says nothing', async () => {
  const { append, clients } = appenderThatStores([1])
  await expect(append([event(0), event(1)])).rejects.toMatchObject({ name: 'BusUnavailable' })
  await append([event(1)])
  expect(clients()).toBe(2)
})

it('takes for stored what every partition has answered for', async () => {
  const { append, clients } = appenderThatStores([0, 1])
  await append([event(0), event(1)])
  expect(clients()).toBe(1)
})
