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

type SendBatch = (batch: ProducerBatch) => Promise<RecordMetadata[]>

/** An appender whose broker says that it stored these partitions of what it was sent. */
const appenderThatStores = (partitions: number[]) =>
  appenderWith(async () =>
    partitions.map((partition) => ({ topicName: 'readings', partition, errorCode: 0, baseOffset: '7' })),
  )

function appenderWith(sendBatch: SendBatch, check = async () => {}, requestMs = 1000) {
  let clients = 0
  const make = () => {
    clients++
    return { producer: () => ({ connect: async () => {}, disconnect: async () => {}, sendBatch }) } as unknown as Kafka
  }
  const topics = { check, reached: () => {} } as unknown as KafkaTopics
  const appender = kafkaAppender({ make, requestMs, fault: (error) => error }, topics)
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

const never = () => new Promise<never>(() => {})
const away = { status: 'rejected', reason: expect.objectContaining({ name: 'BusUnavailable' }) }

it('keeps nobody waiting longer than a flush may take while the broker stands still', async () => {
  let sent = 0
  let first = () => {}
  const begun = new Promise<void>((resolve) => {
    first = resolve
  })
  const silent = () => {
    sent++
    first()
    return never()
  }
  const { append } = appenderWith(silent, undefined, 60)
  const one = append([event(0)])
  await begun
  const others = [append([event(1)]), append([event(2)])]
  expect(await Promise.allSettled([one, ...others])).toEqual([away, away, away])
  expect(sent).toBe(1)
})

it('waits no longer for a topic to be looked at', async () => {
  const { append } = appenderWith(never, never, 60)
  expect(await Promise.allSettled([append([event(0)])])).toEqual([away])
})
