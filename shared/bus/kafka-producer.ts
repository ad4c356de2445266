import type { Message, Producer, RecordMetadata, TopicMessages } from 'kafkajs'
import { BusUnavailable, RefusedEvent } from './errors.ts'
import { groupCommit } from './group-commit.ts'
import { errorType, type KafkaClients, retry } from './kafka-client.ts'
import { sizeOfMessage, toMessage } from './kafka-message.ts'
import type { KafkaTopics } from './kafka-topics.ts'
import type { BusEvent } from './port.ts'
import { within } from './within.ts'

/** Appends events, durable in every replica in sync when it resolves. */
export interface KafkaAppender {
  append(events: BusEvent[]): Promise<void>
  close(): Promise<void>
}

// Below the default of the broker's message.max.bytes, which a batch of one partition must not exceed.
const REQUEST_BYTES = 1_000_000
const REFUSED = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'TOPIC_AUTHORIZATION_FAILED']

/**
 * One idempotent producer with one flush in flight. After a failure it is made anew: the library takes back the sequence
 * numbers of what may have been stored, and the broker would take the next records under them for repeats and drop them.
 */
export function kafkaAppender({ make, fault, requestMs }: KafkaClients, topics: KafkaTopics): KafkaAppender {
  // With a second try after a request that got no answer, and still within a handler's ten seconds.
  const flushMs = Math.round((requestMs * 4) / 3)
  const late = () => new BusUnavailable(`Kafka did not store the events within ${flushMs} ms`)
  let client: Promise<Producer> | undefined

  async function connect(): Promise<Producer> {
    const kafka = make()
    const producer = kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      retry,
      createPartitioner: chosen,
    })
    try {
      await producer.connect()
      return producer
    } catch (error) {
      await producer.disconnect().catch(() => {})
      throw error
    }
  }

  async function send(topicMessages: TopicMessages[]): Promise<void> {
    client ??= connect()
    const mine = client
    const sending = mine.then((producer) => producer.sendBatch({ acks: -1, timeout: requestMs, topicMessages }))
    try {
      const stored = await within(flushMs, sending, late)
      checkWhole(topicMessages, stored)
      for (const { topicName, partition, baseOffset } of stored) {
        const count = topicMessages.flatMap(({ topic, messages }) =>
          topic === topicName ? messages.filter((message) => message.partition === partition) : [],
        ).length
        topics.reached({ topic: topicName, partition }, BigInt(baseOffset ?? 0) + BigInt(count))
      }
    } catch (error) {
      if (client === mine) client = undefined
      // Only when the sending has ended, too: it would connect again.
      void sending
        .catch(() => {})
        .then(() => mine)
        .then((producer) => producer.disconnect())
        .catch(() => {})
      throw error
    }
  }

  async function flush(events: BusEvent[]): Promise<void> {
    try {
      for (const request of requestsOf(events)) await send(request)
    } catch (error) {
      const type = errorType(error)
      if (type === 'INVALID_RECORD') throw new RefusedEvent('invalid', 'the broker refuses it', { cause: error })
      if (type !== 'MESSAGE_TOO_LARGE' && type !== 'RECORD_LIST_TOO_LARGE') throw fault(error)
      throw new RefusedEvent('oversize', 'the broker takes no event so large: see max.message.bytes of the topic', {
        cause: error,
      })
    }
  }

  async function checkAndCommit(events: BusEvent[]): Promise<void> {
    for (const event of events) await topics.check(event)
    await commit(events)
  }

  const commit = groupCommit(flush, (error) => REFUSED.includes(errorType(error) ?? ''))
  return {
    // Nobody waits longer, whatever it is for: the topic to be looked at, the flush before, or their own.
    append: (events) => within(flushMs, checkAndCommit(events), late),
    async close() {
      const producer = await client?.catch(() => undefined)
      await producer?.disconnect()
    },
  }
}

/** In the order given, as few requests as their size allows. */
function requestsOf(events: BusEvent[]): TopicMessages[][] {
  const requests: Map<string, Message[]>[] = []
  let size = Number.POSITIVE_INFINITY
  for (const event of events) {
    const message = toMessage(event)
    const bytes = sizeOfMessage(message)
    size += bytes
    if (size > REQUEST_BYTES) {
      requests.push(new Map())
      size = bytes
    }
    const request = requests.at(-1) as Map<string, Message[]>
    const messages = request.get(event.topic)
    if (messages === undefined) request.set(event.topic, [message])
    else messages.push(message)
  }
  return requests.map((request) => [...request].map(([topic, messages]) => ({ topic, messages })))
}

/**
 * kafkajs asks no broker twice that has answered once: what moved there meanwhile, by a change of leader, it leaves out
 * and says nothing.
 */
function checkWhole(topicMessages: TopicMessages[], stored: RecordMetadata[]): void {
  const answered = new Set(stored.map(({ topicName, partition }) => `${topicName}/${partition}`))
  for (const { topic, messages } of topicMessages)
    for (const { partition } of messages)
      if (!answered.has(`${topic}/${partition}`))
        throw new BusUnavailable(`Kafka did not say that partition ${partition} of ${topic} was stored`)
}

// Every message names its partition.
const chosen =
  () =>
  ({ message }: { message: Message }): number =>
    message.partition as number
