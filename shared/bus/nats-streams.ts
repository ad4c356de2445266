import { RetentionPolicy, StorageType, type StreamInfo } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { NoSuchTopic } from './errors.ts'
import type { NatsClient, NatsClients } from './nats-connection.ts'
import { type EndCounter, endCounter, firstSince } from './nats-ends.ts'
import type { Partition, PartitionEnd, TopicPlan } from './port.ts'

/** A topic as it lies on the server: one stream, and for each partition one subject. */
export interface Stream {
  topic: string
  name: string
  /** The instant it was made: another stream of that name is another log. */
  created: string
  subjects: string[]
  /** Its one partition is all of the stream. */
  whole: boolean
  /** Whether batches may be published that are stored as a whole or not at all. */
  atomic: boolean
  direct: boolean
  retentionMs: number
  /** The first sequence still kept, and the one the next message will get. */
  first: number
  end: number
}

/** What is known of the streams. */
export interface NatsStreams {
  /** Asked of the server anew. */
  look(topic: string): Promise<Stream>
  /** As it was seen last; throws where the topic has no such partition. */
  check(partition: Partition): Promise<Stream>
  ends(topics: string[]): Promise<PartitionEnd[]>
  /** Nothing of the partition lies between an offset that was at its end once and this one. */
  floorOf(partition: Partition): bigint
  offsetAt(partition: Partition, time: Date): Promise<bigint>
  ensure(plans: TopicPlan[]): Promise<void>
}

const DAY_MS = 86_400_000
const DUPLICATES_MS = 120_000
const STREAM_IN_USE = 10058

/** Asks the server about streams. */
export function natsStreams({ ask }: NatsClients): NatsStreams {
  const seen = new Map<string, Stream>()
  const asking = new Map<string, Promise<Stream>>()
  const counters = new Map<string, EndCounter>()

  const look = (topic: string) =>
    ask(async (client) => {
      const stream = await findStream(client, topic)
      if (seen.get(topic)?.created !== stream.created) counters.set(topic, endCounter())
      seen.set(topic, stream)
      return stream
    })

  async function endsOf(topic: string): Promise<PartitionEnd[]> {
    const stream = await look(topic)
    const ends = await ask((client) => (counters.get(topic) as EndCounter).ends(client, stream))
    return ends.map((end, partition) => ({ topic, partition, end: BigInt(end) }))
  }

  /** Many ask at once, in an order that must last: one answer serves them all. */
  function shared(topic: string): Promise<Stream> {
    const under = asking.get(topic)
    if (under !== undefined) return under
    const asked = look(topic).finally(() => asking.delete(topic))
    asking.set(topic, asked)
    return asked
  }

  async function check({ topic, partition }: Partition): Promise<Stream> {
    const stream = seen.get(topic) ?? (await shared(topic))
    if (partition in stream.subjects) return stream
    throw new Error(`topic ${topic} on NATS has no partition ${partition}, only ${stream.subjects.length} of them`)
  }

  return {
    look,
    check,
    ends: async (topics) => (await Promise.all(topics.map(endsOf))).flat(),
    floorOf: ({ topic }) => BigInt(counters.get(topic)?.floor ?? 0),
    async offsetAt(partition, time) {
      const stream = await check(partition)
      const subject = stream.whole ? '>' : (stream.subjects[partition.partition] as string)
      const found = await ask((client) => firstSince(client, stream, time, subject))
      return BigInt(found ?? (await endsOf(partition.topic))[partition.partition]?.end ?? 0)
    },
    async ensure(plans) {
      for (const plan of plans) await ask((client) => ensure(client, plan))
    },
  }
}

const streamName = (topic: string) => topic.replaceAll('.', '_')

const isMissing = (error: unknown) => (error as Error).name === 'StreamNotFoundError'

async function findStream({ manager }: NatsClient, topic: string): Promise<Stream> {
  try {
    return readStream(topic, await manager.streams.info(streamName(topic)))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  // A foreign topic is a subject; its stream has a name of its own.
  const [name] = await manager.streams.names(topic).next()
  if (name !== undefined) {
    const info = await manager.streams.info(name)
    const stream = readStream(topic, info)
    // Subjects with wildcards hold more than this one.
    return { ...stream, whole: stream.whole && info.config.subjects?.join() === topic }
  }
  throw new NoSuchTopic(topic, `on NATS: neither a stream ${streamName(topic)} nor one with the subject ${topic}`)
}

function readStream(topic: string, { config, created, state }: StreamInfo): Stream {
  const all = config.subjects ?? []
  const own = all.length > 0 && all.every((subject, i) => subject === `${topic}.${i}`)
  return {
    topic,
    name: config.name,
    created: String(created),
    subjects: own ? all : [topic],
    whole: all.length === 1 || (!own && !all.includes(topic)),
    atomic: config.allow_atomic === true,
    direct: config.allow_direct === true,
    retentionMs: Number(config.max_age ?? 0) / 1e6,
    first: Math.max(1, state.first_seq),
    end: state.last_seq + 1,
  }
}

async function ensure({ manager }: NatsClient, { topic, partitions, retentionDays }: TopicPlan): Promise<void> {
  let info: StreamInfo | undefined
  try {
    info = await manager.streams.info(streamName(topic))
  } catch (error) {
    if (!isMissing(error)) throw error
    info = await manager.streams
      .add({
        name: streamName(topic),
        description: `Junction: the topic ${topic}`,
        subjects: Array.from({ length: partitions }, (_, i) => `${topic}.${i}`),
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        max_age: nanos(retentionDays * DAY_MS),
        duplicate_window: nanos(Math.min(DUPLICATES_MS, retentionDays * DAY_MS)),
        allow_direct: true,
        allow_atomic: true,
      })
      .catch((error) => {
        // Another process was quicker.
        if (error.code === STREAM_IN_USE) return manager.streams.info(streamName(topic))
        throw error
      })
  }
  const { subjects } = readStream(topic, info)
  if (subjects.length === partitions && subjects[0] === `${topic}.0`) return
  throw new ConfigurationError(
    `stream ${info.config.name} on NATS has ${subjects.length} partitions (${info.config.subjects?.join(', ')}), the registry says ${partitions} (${topic}.0 …): they never change while a topic lives`,
  )
}
