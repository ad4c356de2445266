import { JetStreamApiError, type PubAck } from '@nats-io/jetstream'
import { type MsgHdrs, nuid } from '@nats-io/transport-node'
import { BusUnavailable, RefusedEvent } from './errors.ts'
import { groupCommit } from './group-commit.ts'
import type { NatsClient, NatsClients } from './nats-connection.ts'
import { toHeaders } from './nats-message.ts'
import type { NatsStreams, Stream } from './nats-streams.ts'
import type { BusEvent } from './port.ts'

interface Message {
  event: BusEvent
  subject: string
}

// What the server takes in one batch, and from how many messages of one partition on a batch is the quicker way.
const BATCH = 1000
const BATCH_FROM = 16
// At most what a batch adds to the headers of an event.
const BATCH_HEADERS = 100
const REFUSED = [400, 413]

/**
 * Appends with one flush in flight. Sending without awaiting each acknowledgement would store an event before an earlier
 * one of its partition that was refused or met a change of leader, so many go as one batch, stored as a whole or not at
 * all, and few one after the other, the partitions beside each other.
 */
export function natsAppend({ ask }: NatsClients, streams: NatsStreams): (events: BusEvent[]) => Promise<void> {
  async function flush(events: BusEvent[]): Promise<void> {
    const topics = groupBy(events, ({ topic }) => topic)
    throwFirst(await Promise.allSettled(topics.map((some) => ask((client) => store(client, some)))))
  }

  async function store(client: NatsClient, events: BusEvent[]): Promise<void> {
    const stream = await streams.check(events[0] as BusEvent)
    const messages = events.map((event) => ({ event, subject: stream.subjects[event.partition] as string }))
    for (let at = 0; at < messages.length; at += BATCH) {
      const some = messages.slice(at, at + BATCH)
      if (!(stream.atomic && deepest(some) >= BATCH_FROM && (await storeAtOnce(client, some)))) {
        await storeInTurn(client, stream, some)
      }
    }
  }

  const commit = groupCommit(flush, (error) => (error as Error).name === 'RefusedEvent')
  return async (events) => {
    const most = await ask(async ({ connection }) => connection.info?.max_payload ?? Number.POSITIVE_INFINITY)
    for (const event of events) {
      await streams.check(event)
      // Throws for what no message can hold, before anybody else's event is with it.
      checkSize(event, toHeaders(event), most)
    }
    await commit(events)
  }
}

function checkSize({ id, data }: BusEvent, headers: MsgHdrs, most: number): void {
  const size = data.byteLength + String(headers).length + BATCH_HEADERS
  if (size <= most) return
  const what = `event ${id.slice(0, 64)} is a message of ${size} bytes`
  throw new RefusedEvent('oversize', `${what}, the server of NATS takes ${most} (its setting max_payload)`)
}

/** False where the server refuses the batch, for instance because a part of it is there already: nothing of it is stored. */
async function storeAtOnce({ connection, js }: NatsClient, messages: Message[]): Promise<boolean> {
  const batch = nuid.next()
  const prepared = messages.map(({ event, subject }, i) => {
    const headers = toHeaders(event)
    headers.set('Nats-Batch-Id', batch)
    headers.set('Nats-Batch-Sequence', String(i + 1))
    return { subject, data: event.data, headers }
  })
  const last = prepared.pop() as (typeof prepared)[0]
  for (const { subject, data, headers } of prepared) connection.publish(subject, data, { headers })
  last.headers.set('Nats-Batch-Commit', '1')
  try {
    const ack: PubAck & { count?: number } = await js.publish(last.subject, last.data, { headers: last.headers })
    if (ack.count === messages.length) return true
    throw new BusUnavailable(`NATS stored ${ack.count} of a batch of ${messages.length} events`)
  } catch (error) {
    if (statusOf(error) === undefined) throw error
    return false
  }
}

async function storeInTurn(client: NatsClient, stream: Stream, messages: Message[]): Promise<void> {
  const partitions = groupBy(messages, ({ subject }) => subject).map(async (some) => {
    for (const message of some) await storeOne(client, stream, message)
  })
  throwFirst(await Promise.allSettled(partitions))
}

async function storeOne({ js, manager }: NatsClient, stream: Stream, { event, subject }: Message): Promise<void> {
  const headers = toHeaders(event)
  const id = headers.get('Nats-Msg-Id')
  try {
    const ack = await js.publish(subject, event.data, { headers })
    if (ack.stream !== stream.name) throw new BusUnavailable(`${subject} went into the stream ${ack.stream}`)
    if (!ack.duplicate) return
    // A server has been seen to take for stored what a change of leader had lost.
    const held = await manager.streams.getMessage(stream.name, { seq: ack.seq })
    if (held?.header.get('Nats-Msg-Id') === id) return
    throw new BusUnavailable(`${stream.name} takes event ${id} for a repetition but does not hold it`)
  } catch (error) {
    if (!REFUSED.includes(statusOf(error) ?? 0)) throw error
    const what = `NATS refuses event ${event.id.slice(0, 64)} of ${subject}`
    throw new RefusedEvent('invalid', `${what}: ${(error as Error).message}`, { cause: error })
  }
}

const statusOf = (error: unknown): number | undefined => (error instanceof JetStreamApiError ? error.status : undefined)

const deepest = (messages: Message[]): number =>
  Math.max(...groupBy(messages, ({ subject }) => subject).map(({ length }) => length))

function groupBy<T>(all: T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return [...groups.values()]
}

/** What failed for the world comes before what is one event's own fault: that would be tried again by halves. */
function throwFirst(settled: PromiseSettledResult<void>[]): void {
  const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []))
  const error = failed.find(({ name }) => name !== 'RefusedEvent') ?? failed[0]
  if (error !== undefined) throw error
}
