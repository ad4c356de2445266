import { kafkaClients } from './kafka-client.ts'
import { boundGzip } from './kafka-gzip.ts'
import { kafkaAppender } from './kafka-producer.ts'
import { kafkaSessions, type OpenSession } from './kafka-session.ts'
import { kafkaShare } from './kafka-share.ts'
import { kafkaTopics } from './kafka-topics.ts'
import type { Assignment, BrokerOptions, Bus } from './port.ts'

const WATCHDOG_MS = 60_000
const SESSION_MS = 45_000

/** Options of a Kafka bus; a test puts sessions of its own in the place of kafkajs'. */
export interface KafkaOptions extends BrokerOptions {
  sessions?(real: OpenSession): OpenSession
}

/**
 * The log in Kafka. Nothing is connected before it is needed. The offsets committed in Kafka are copies: which events are
 * done is said by the positions in PostgreSQL.
 */
export async function kafkaBus(options: KafkaOptions): Promise<Bus> {
  const { log, settings, sessions = (real) => real } = options
  boundGzip()
  const clients = kafkaClients(options)
  const cluster = kafkaTopics(clients)
  const appender = kafkaAppender(clients, cluster)
  const open = sessions(kafkaSessions(clients, { sessionMs: settings?.sessionMs ?? SESSION_MS }))
  const assignments = new Set<Assignment>()
  return {
    logOf: async () => `kafka/${await cluster.clusterId()}`,
    append: appender.append,
    ensureTopics: cluster.ensure,
    async assign(consumer, topics, onChange) {
      const watchdogMs = settings?.watchdogMs ?? WATCHDOG_MS
      const assignment = await kafkaShare({ consumer, topics, onChange, open, cluster, watchdogMs, log })
      assignments.add(assignment)
      return {
        ...assignment,
        async release() {
          assignments.delete(assignment)
          await assignment.release()
        },
      }
    },
    ends: cluster.ends,
    earliest: async (topic, partition) => (await cluster.range({ topic, partition })).low,
    offsetAt: (topic, partition, time) => cluster.offsetAt({ topic, partition }, time),
    async close() {
      await Promise.all([...assignments].map((assignment) => assignment.release()))
      await appender.close()
      await cluster.close()
    },
  }
}
