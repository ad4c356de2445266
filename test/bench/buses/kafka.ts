import { type EachBatchPayload, Kafka, logLevel } from 'kafkajs'
import { pino } from 'pino'
import { kafkaBus } from '#shared/bus/kafka.ts'
import { toMessage } from '#shared/bus/kafka-message.ts'
import { startKafka } from '#test/servers/kafka.ts'
import { type BusName, runsOf, TOPIC } from './port.ts'

const BARE = 'bare'

/** Kafka beside kafkajs: an idempotent producer with acks=-1, and a consumer that counts its batches. */
export const kafka: BusName = {
  name: 'kafka',
  async open() {
    const server = await startKafka()
    const bus = await kafkaBus({ url: server.url, secret: () => undefined, log: pino({ level: 'warn' }) })
    await bus.ensureTopics([TOPIC])
    const client = new Kafka({ brokers: server.brokers, clientId: BARE, logLevel: logLevel.NOTHING })
    const admin = client.admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: BARE, numPartitions: TOPIC.partitions }] })
    await admin.disconnect()
    const createPartitioner =
      () =>
      ({ message }: { message: { partition?: number } }) =>
        message.partition ?? 0
    const producer = client.producer({ idempotent: true, createPartitioner })
    await producer.connect()
    const consumer = client.consumer({ groupId: BARE })
    await consumer.connect()
    return {
      bus,
      url: server.url,
      async publish(events) {
        for (const run of runsOf(events))
          await producer.sendBatch({ acks: -1, topicMessages: [{ topic: BARE, messages: run.map(toMessage) }] })
      },
      async read(count) {
        await consumer.subscribe({ topic: BARE, fromBeginning: true })
        let left = count
        await new Promise<void>((resolve, reject) => {
          const eachBatch = async ({ batch }: EachBatchPayload) => {
            left -= batch.messages.length
            if (left <= 0) resolve()
          }
          const partitionsConsumedConcurrently = TOPIC.partitions
          consumer.run({ autoCommit: false, partitionsConsumedConcurrently, eachBatch }).catch(reject)
        })
      },
      async close() {
        await Promise.all([consumer.disconnect(), producer.disconnect(), bus.close()])
        await server.stop()
      },
    }
  },
}
