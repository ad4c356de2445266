import { BusUnavailable, PositionOutOfRange } from './errors.ts'
import { type Leases, leasePartitions } from './lease.ts'
import { type NatsClients, natsClients } from './nats-connection.ts'
import { natsAppend } from './nats-publisher.ts'
import { openReader, type Reader } from './nats-reader.ts'
import { type NatsStreams, natsStreams, type Stream } from './nats-streams.ts'
import type { Assignment, BrokerOptions, Bus, Partition, ReadFrom, ReadLimits, Slice } from './port.ts'

/** What the driver of NATS is opened with. */
export interface NatsOptions extends BrokerOptions {
  /** To share partitions with other connectors; who only appends has none. */
  leases?: Leases | undefined
}

/** The log on NATS JetStream: a stream for each topic, read by sequence, with nothing acknowledged. */
export async function natsBus(options: NatsOptions): Promise<Bus> {
  const clients = natsClients(options)
  const streams = natsStreams(clients)
  return {
    async logOf(topic) {
      const { name, created } = await streams.look(topic)
      return `nats/${name}/${created}`
    },
    append: natsAppend(clients, streams),
    ensureTopics: streams.ensure,
    async assign(consumer, topics, onChange) {
      const { leases } = options
      if (leases === undefined) throw new Error('this bus was opened without leases: nothing can be assigned')
      const all = await Promise.all(topics.map(streams.look))
      const partitions = all.flatMap(({ topic, subjects }) => subjects.map((_, partition) => ({ topic, partition })))
      let share: Partition[] = []
      const tell = (now: Partition[]) => {
        reading.keep(now)
        onChange(now)
      }
      const reading = readThrough(clients, streams, all, (topic) => {
        tell(share.filter((one) => one.topic !== topic))
        tell(share)
      })
      const lease = await leasePartitions(leases, `nats/${consumer}`, partitions, (now) => {
        share = now
        tell(now)
      })
      return {
        read: reading.read,
        async release() {
          reading.keep([])
          await lease.leave()
        },
      }
    },
    ends: streams.ends,
    async earliest(topic, partition) {
      await streams.check({ topic, partition })
      return BigInt((await streams.look(topic)).first)
    },
    offsetAt: (topic, partition, time) => streams.offsetAt({ topic, partition }, time),
    close: clients.close,
  }
}

const nameOf = ({ topic, partition }: Partition) => `${topic}/${partition}`

/** Reads the partitions of an assignment, each through a reader of its own that is kept while reading goes on in turn. */
function readThrough(
  { ask, requestMs }: NatsClients,
  streams: NatsStreams,
  all: Stream[],
  giveAnew: (topic: string) => void,
) {
  const created = new Map(all.map((stream) => [stream.topic, stream.created]))
  const readers = new Map<string, Reader>()
  let kept = new Set<string>()

  function drop(name: string): void {
    readers.get(name)?.close()
    readers.delete(name)
  }

  async function inRange(from: ReadFrom): Promise<Stream> {
    const stream = await streams.look(from.topic)
    const { name, first, end } = stream
    if (stream.created !== created.get(from.topic)) {
      // All who read there stand at positions of the log that was.
      if (kept.has(nameOf(from))) {
        created.set(from.topic, stream.created)
        giveAnew(from.topic)
      }
      throw new BusUnavailable(`the stream ${name} was made anew at ${stream.created}: it is read from there anew`)
    }
    const why =
      from.offset < first
        ? `is no longer in the stream, which begins at ${first}`
        : from.offset > end
          ? `lies beyond the end of the stream, ${end}`
          : undefined
    if (why === undefined) return stream
    throw new PositionOutOfRange(`position ${from.offset} of ${nameOf(from)} on NATS ${why}`)
  }

  return {
    async read(from: ReadFrom, limits: ReadLimits): Promise<Slice> {
      const name = nameOf(from)
      const floor = streams.floorOf(from)
      if (!readers.get(name)?.serves(from.offset)) drop(name)
      return ask(async (client) => {
        const checkRange = (offset: bigint) => inRange({ ...from, offset })
        const reader =
          readers.get(name) ?? (await openReader({ client, stream: await inRange(from), from, requestMs, checkRange }))
        if (!kept.has(name)) {
          // It was given up meanwhile.
          reader.close()
          return { events: [], next: from.offset }
        }
        // Another read may have opened one at the same time.
        if (readers.get(name) !== reader) drop(name)
        readers.set(name, reader)
        try {
          const { events, next } = await reader.read(from.offset, limits)
          return { events, next: events.length === 0 && floor > next ? floor : next }
        } catch (error) {
          if (readers.get(name) === reader) drop(name)
          throw error
        }
      })
    },
    /** Closes the readers of what is no longer in the share. */
    keep(share: Partition[]): void {
      kept = new Set(share.map(nameOf))
      for (const name of [...readers.keys()]) if (!kept.has(name)) drop(name)
    },
  } satisfies Pick<Assignment, 'read'> & { keep(share: Partition[]): void }
}
