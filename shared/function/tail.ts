import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresBus } from '#shared/bus/postgres.ts'
import { type TopicData, type TopicName, topics } from '#shared/contracts/topics.ts'
import type { TailEvent } from './define.ts'

const LIMITS = { events: 500, bytes: 1 << 20 }

/**
 * Follows partition 0 of a topic of one partition in the PostgreSQL log, where every unit of work appends; read-only, every
 * 100 ms while events come, every 250 ms else.
 * Events that do not parse are passed over, they are dead letters elsewhere. Ends when the signal is aborted.
 */
export async function* tail<N extends TopicName>(
  log: PostgresBus,
  topic: N,
  from: bigint | 'end',
  signal: AbortSignal,
): AsyncGenerator<TailEvent<TopicData<N>>> {
  if (topics[topic].partitions !== 1)
    throw new Error(`${topic} has several partitions: only one can be followed in order`)
  let offset = from === 'end' ? await endOf(log, topic) : from
  const earliest = await log.earliest(topic, 0)
  if (offset < earliest) offset = earliest
  while (!signal.aborted) {
    const { events, next } = await log.read({ topic, partition: 0, offset }, LIMITS)
    for (const event of events) {
      const data = topics[topic].schema.safeParse(parse(event.data))
      if (data.success) yield { offset: event.offset, partition: 0, id: event.id, data: data.data as TopicData<N> }
    }
    offset = next
    await delay(events.length > 0 ? 100 : 250, undefined, { signal }).catch(() => {})
  }
}

/** The offset the next event of a topic of one partition will get. */
export async function endOf(log: PostgresBus, topic: string): Promise<bigint> {
  const [partition] = await log.ends([topic])
  return partition?.end ?? 0n
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString())
  } catch {
    return undefined
  }
}
