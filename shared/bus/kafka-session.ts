import type { Batch, Consumer, KafkaMessage } from 'kafkajs'
import { type KafkaClients, retry } from './kafka-client.ts'
import type { Partition } from './port.ts'

/** What a fetch brought of one partition. */
export interface Fetched extends Partition {
  /** The offset that was asked for. */
  from: bigint
  /** Where fetching goes on; aborted records and those of transactions themselves are skipped. */
  next: bigint
  messages: KafkaMessage[]
}

/** What a session tells. */
export interface SessionEvents {
  /** The group gave this share, all of it paused; an earlier share is void. */
  onShare(share: Partition[]): void
  /** In order for each partition; false where it is not what was asked for: the same is then fetched again. */
  onFetched(fetched: Fetched): boolean
  /** Everything fetched up to `next` was no event; asked for after the last `seek`. */
  onSkipped(partition: Partition, next: bigint): void
  /** It has ended by itself, or could not begin. */
  onEnd(error: unknown): void
}

/** One client's membership in a consumer's group, for as long as the client lives; it joins by itself. */
export interface Session {
  /** Answers of the broker to fetches so far. */
  readonly answers: number
  seek(partition: Partition, offset: bigint): void
  pause(partition: Partition): void
  resume(partition: Partition): void
  commit(positions: (Partition & { next: bigint })[]): Promise<void>
  /** Leaves the group. */
  stop(): Promise<void>
}

/** How to open one; a test puts something in between. */
export type OpenSession = (consumer: string, topics: string[], events: SessionEvents) => Session

/** What of a membership depends on settings, ms. */
export interface SessionTimes {
  sessionMs: number
}

// A partition resumed while the others wait for something new is asked for after so long.
const WAIT_MS = 100
// Members answer a rebalance at their next heartbeat. One that died with its broker holds the others up for so long.
const REJOIN_MS = 4_000
const MIB = 1 << 20

/** Sessions of kafkajs in the group `junction-<consumer>`. */
export function kafkaSessions({ make, fault }: KafkaClients, { sessionMs }: SessionTimes): OpenSession {
  return (name, topics, events) => {
    const client = make().consumer({
      groupId: `junction-${name}`,
      sessionTimeout: sessionMs,
      rebalanceTimeout: Math.min(REJOIN_MS, sessionMs),
      heartbeatInterval: Math.min(1_000, Math.round(sessionMs / 5)),
      maxBytesPerPartition: MIB,
      maxBytes: 8 * MIB,
      maxWaitTimeInMs: WAIT_MS,
      allowAutoTopicCreation: false,
      retry: { ...retry, restartOnFailure: async () => false },
    })
    return sessionOf(client, topics, events, fault)
  }
}

function sessionOf(client: Consumer, topics: string[], events: SessionEvents, fault: KafkaClients['fault']): Session {
  const cycles = fetchCycles()
  let ended = false
  let answers = 0

  client.on(client.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    if (ended) return
    // At once: not one record is fetched from where the group's own offsets would begin.
    client.pause(Object.entries(memberAssignment).map(([topic, partitions]) => ({ topic, partitions })))
    events.onShare(
      Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      ),
    )
  })
  client.on(client.events.FETCH_START, ({ payload: { nodeId } }) => cycles.began(nodeId))
  client.on(client.events.REQUEST, ({ payload: { apiName } }) => {
    if (apiName === 'Fetch') answers++
  })
  client.on(client.events.START_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
    if (ended || batchSize > 0 || !cycles.settled({ topic, partition })) return
    events.onSkipped({ topic, partition }, BigInt(lastOffset) + 1n)
  })
  client.on(client.events.CRASH, ({ payload: { error } }) => end(error))

  function end(error: unknown): void {
    if (ended) return
    ended = true
    events.onEnd(fault(error))
  }

  async function start(): Promise<void> {
    await client.connect()
    if (ended) return
    await client.subscribe({ topics, fromBeginning: true })
    if (ended) return
    await client.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Never waits: a fetcher of the library would wait with it, and no heartbeat be sent.
      eachBatch: async ({ batch, resolveOffset, isStale }) => {
        if (ended || isStale()) return
        if (events.onFetched(fetchedOf(batch))) resolveOffset((batch.messages.at(-1) as KafkaMessage).offset)
      },
    })
  }

  // After its caller has the session: no event comes before.
  let starting = Promise.resolve()
  setImmediate(() => {
    if (!ended) starting = start().catch(end)
  })

  const alive = (work: () => void) => {
    if (!ended) work()
  }
  return {
    get answers() {
      return answers
    },
    seek: (partition, offset) =>
      alive(() => {
        cycles.seek(partition)
        client.seek({ ...partition, offset: offset.toString() })
      }),
    pause: ({ topic, partition }) => alive(() => client.pause([{ topic, partitions: [partition] }])),
    resume: ({ topic, partition }) => alive(() => client.resume([{ topic, partitions: [partition] }])),
    async commit(positions) {
      const offsets = positions.map(({ topic, partition, next }) => ({ topic, partition, offset: next.toString() }))
      if (!ended && offsets.length > 0) await client.commitOffsets(offsets)
    },
    async stop() {
      ended = true
      // The library forgets a client that is told to end while it joins: it would stay in the group for ever.
      await starting
      await client.disconnect()
    },
  }
}

const fetchedOf = (batch: Batch): Fetched => ({
  topic: batch.topic,
  partition: batch.partition,
  from: BigInt((batch as Batch & { fetchedOffset: string }).fetchedOffset),
  next: BigInt(batch.lastOffset()) + 1n,
  messages: batch.messages,
})

/**
 * Tells whether what is handled now was asked for after a seek: a broker's fetches are handled before it is asked again,
 * so that is so once each broker was asked anew.
 */
function fetchCycles() {
  const counts = new Map<number, number>()
  const before = new Map<string, Map<number, number>>()
  const keyOf = ({ topic, partition }: Partition) => `${topic}/${partition}`
  return {
    began: (node: number) => counts.set(node, (counts.get(node) ?? 0) + 1),
    seek: (partition: Partition) => before.set(keyOf(partition), new Map(counts)),
    settled: (partition: Partition) =>
      [...(before.get(keyOf(partition)) ?? [])].every(([node, count]) => (counts.get(node) ?? 0) > count),
  }
}
