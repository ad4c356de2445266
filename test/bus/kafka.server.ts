import { afterAll, beforeAll } from '@jest/globals'
import pino from 'pino'
import { kafkaBus } from '#shared/bus/kafka.ts'
import { busSuite } from '#shared/bus/suite.ts'
import { type KafkaServer, startKafka } from '#test/servers/kafka.ts'
import { until } from '#test/servers/until.ts'

let server: KafkaServer
beforeAll(async () => {
  server = await startKafka()
}, 600_000)
afterAll(() => server?.stop())

busSuite('Kafka', async () => {
  const bus = await kafkaBus({
    url: server.url,
    secret: () => undefined,
    settings: { requestMs: 30_000 },
    log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
  })
  await bus.ensureTopics([{ topic: 'readings', partitions: 8, retentionDays: 7 }])
  // The leaders named in the metadata may not know of it yet.
  await until('it is served', () => bus.ends(['readings']))
  return { bus, close: () => bus.close() }
})
