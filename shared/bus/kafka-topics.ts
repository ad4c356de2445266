import { setTimeout as delay } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { NoSuchTopic } from './errors.ts'
import { errorType, type KafkaClients, retry } from './kafka-client.ts'
import type { Partition, PartitionEnd, TopicPlan } from './port.ts'

/** What a partition holds: from `low` to below `end`, as far as transactions have been decided. */
export interface Range {
  low: bigint
  end: bigint
}

/** What is known of the cluster and its topics. */
export interface KafkaTopics {
  clusterId(): Promise<string>
  ends(topics: string[]): Promise<PartitionEnd[]>
  /** Asked of the broker anew. */
  range(partition: Partition): Promise<Range>
  /** The first offset of what was written at that time or later; the end where there is none. */
  offsetAt(partition: Partition, time: Date): Promise<bigint>
  /** The end as last seen; undefined while the topic has not been asked for. */
  knownEnd(partition: Partition): bigint | undefined
  /** A record below `end` was seen or written. */
  reached(partition: Partition, end: bigint): void
  /** Throws where the topic has no such partition. */
  check(partition: Partition): Promise<void>
  ensure(plans: TopicPlan[]): Promise<void>
  close(): Promise<void>
}

interface Known {
  at: number
  ranges: Map<number, Range>
}

// A connector asks every 25 ms while something moves.
const FRESH_MS = 250
const DAY_MS = 86_400_000
const ENSURE_TRIES = 50
const ENSURE_PAUSE_MS = 100
// The library asks for all topics that a client ever named at once.
const PERHAPS_OF_ANOTHER = ['TOPIC_AUTHORIZATION_FAILED', 'UNKNOWN_TOPIC_OR_PARTITION']

/** Asks the cluster through one admin client, made anew after each failure. */
export function kafkaTopics({ make, fault }: KafkaClients): KafkaTopics {
  const known = new Map<string, Known>()
  const asking = new Map<string, Promise<Known>>()
  const seen = new Map<string, { end: bigint; at: number }>()
  let client: { admin: Promise<Admin>; asking: number } | undefined
  let cluster: string | undefined

  async function connect(): Promise<Admin> {
    const admin = make().admin({ retry })
    try {
      await admin.connect()
      return admin
    } catch (error) {
      await admin.disconnect().catch(() => {})
      throw error
    }
  }

  /** What failed is made anew for the next question; those that are under way through it go on to their own end. */
  async function ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    client ??= { admin: connect(), asking: 0 }
    const mine = client
    mine.asking++
    try {
      return await question(await mine.admin)
    } catch (error) {
      if (client === mine) client = undefined
      throw fault(error)
    } finally {
      mine.asking--
      if (mine.asking === 0 && client !== mine) void mine.admin.then((admin) => admin.disconnect()).catch(() => {})
    }
  }

  async function askAlone<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = await connect().catch((error) => {
      throw fault(error)
    })
    try {
      return await question(admin)
    } catch (error) {
      throw fault(error)
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  /** Throws `NoSuchTopic` where there is none of that name. */
  async function askOf<T>(topic: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await ask(question)
    } catch (error) {
      if (!PERHAPS_OF_ANOTHER.includes(errorType(error) ?? '')) throw error
    }
    return askAlone(question).catch((error) => {
      throw errorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION' ? new NoSuchTopic(topic, 'on Kafka') : error
    })
  }

  async function look(topic: string): Promise<Known> {
    const began = performance.now()
    const offsets = await askOf(topic, (admin) => admin.fetchTopicOffsets(topic))
    const ranges = offsets.map(({ partition, low, high }): [number, Range] => [
      partition,
      { low: BigInt(low), end: later(BigInt(high), seenSince(began, { topic, partition })) },
    ])
    const found = { at: performance.now(), ranges: new Map(ranges) }
    known.set(topic, found)
    return found
  }

  /** What was seen while a look was under way it may not know of. */
  function seenSince(began: number, { topic, partition }: Partition): bigint {
    const last = seen.get(`${topic}/${partition}`)
    return last !== undefined && last.at >= began ? last.end : 0n
  }

  /** Many ask at once: one look answers them all. */
  function shared(topic: string): Promise<Known> {
    const under = asking.get(topic)
    if (under !== undefined) return under
    const asked = look(topic).finally(() => asking.delete(topic))
    asking.set(topic, asked)
    return asked
  }

  const fresh = (topic: string): Known | Promise<Known> => {
    const have = known.get(topic)
    return have !== undefined && performance.now() - have.at < FRESH_MS ? have : shared(topic)
  }

  function rangeOf({ topic, partition }: Partition, { ranges }: Known): Range {
    const range = ranges.get(partition)
    if (range === undefined) {
      throw new Error(`topic ${topic} on Kafka has no partition ${partition}, only ${ranges.size} of them`)
    }
    return range
  }

  return {
    async clusterId() {
      cluster ??= (await ask((admin) => admin.describeCluster())).clusterId
      return cluster
    },
    async ends(topics) {
      const all = await Promise.all(topics.map(async (topic) => ({ topic, ranges: (await fresh(topic)).ranges })))
      return all.flatMap(({ topic, ranges }) =>
        [...ranges]
          .map(([partition, { end }]) => ({ topic, partition, end }))
          .sort((a, b) => a.partition - b.partition),
      )
    },
    async range(partition) {
      return rangeOf(partition, await look(partition.topic))
    },
    async offsetAt(partition, time) {
      const { end } = rangeOf(partition, await look(partition.topic))
      const { topic } = partition
      const offsets = await askOf(topic, (admin) => admin.fetchTopicOffsetsByTimestamp(topic, time.getTime()))
      return BigInt(offsets.find((one) => one.partition === partition.partition)?.offset ?? end)
    },
    knownEnd: ({ topic, partition }) => known.get(topic)?.ranges.get(partition)?.end,
    reached({ topic, partition }, end) {
      const key = `${topic}/${partition}`
      if (end >= (seen.get(key)?.end ?? 0n)) seen.set(key, { end, at: performance.now() })
      const range = known.get(topic)?.ranges.get(partition)
      if (range !== undefined && range.end < end) range.end = end
    },
    async check(partition) {
      const have = known.get(partition.topic)
      if (have?.ranges.has(partition.partition)) return
      rangeOf(partition, await shared(partition.topic))
    },
    async ensure(plans) {
      await ask((admin) => ensure(admin, plans))
    },
    async close() {
      const admin = await client?.admin.catch(() => undefined)
      await admin?.disconnect()
    },
  }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Topics that were made just now are not known everywhere at once. */
async function ensure(admin: Admin, plans: TopicPlan[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await ensureOnce(admin, plans)
    } catch (error) {
      if (errorType(error) !== 'UNKNOWN_TOPIC_OR_PARTITION' || tries === ENSURE_TRIES) throw error
    }
    await delay(ENSURE_PAUSE_MS)
  }
}

async function ensureOnce(admin: Admin, plans: TopicPlan[]): Promise<void> {
  const there = new Set(await admin.listTopics())
  const missing = plans.filter(({ topic }) => !there.has(topic))
  if (missing.length > 0) {
    // False where another process was quicker: its topics are looked at below like any other.
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ topic, partitions, retentionDays }) => ({
        topic,
        numPartitions: partitions,
        configEntries: [{ name: 'retention.ms', value: String(retentionDays * DAY_MS) }],
      })),
    })
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: plans.map(({ topic }) => topic) })
  for (const { topic, partitions: wanted } of plans) {
    const has = topics.find(({ name }) => name === topic)?.partitions.length ?? 0
    if (has !== wanted) {
      throw new ConfigurationError(
        `topic ${topic} on Kafka has ${has} partitions, the registry says ${wanted}: they never change while a topic lives`,
      )
    }
  }
}
