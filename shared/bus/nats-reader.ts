import { AckPolicy, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream'
import { createInbox, type Msg, nanos } from '@nats-io/transport-node'
import { BusUnavailable } from './errors.ts'
import type { NatsClient } from './nats-connection.ts'
import { fromMessage } from './nats-message.ts'
import type { Stream } from './nats-streams.ts'
import type { LogEvent, ReadFrom, ReadLimits } from './port.ts'

/** Reads one partition on and on from where it was opened; of no use any more once it failed. */
export interface Reader {
  /** The sequence from which on it reads next. */
  readonly next: bigint
  readonly usable: boolean
  /** What is there, none if nothing is. */
  read(limits: ReadLimits): Promise<LogEvent[]>
  close(): void
}

interface Pull {
  messages: Msg[]
  wanted: number
  /** The next message alone is larger than what was asked for. */
  tooLarge: boolean
  end(): void
  fail(error: unknown): void
}

const IDLE_MS = 60_000

/** Opens a consumer without acknowledgements, which the server forgets when nobody has read through it for a minute. */
export async function openReader(
  { connection, manager }: NatsClient,
  stream: Stream,
  { topic, partition, offset }: ReadFrom,
  requestMs: number,
): Promise<Reader> {
  const consumer = await manager.consumers.add(stream.name, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    replay_policy: ReplayPolicy.Instant,
    opt_start_seq: Number(offset),
    ...(!stream.whole && { filter_subject: stream.subjects[partition] as string }),
    inactive_threshold: nanos(IDLE_MS),
    mem_storage: true,
    num_replicas: 1,
  })
  const inbox = createInbox()
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream.name}.${consumer.name}`
  let pull: Pull | undefined
  let next = offset
  let delivered = 0
  let usable = true
  const subscription = connection.subscribe(inbox, {
    callback(error, message) {
      if (error) pull?.fail(error)
      else if (message.headers?.code) heed(message.headers.code, message.headers.description)
      else {
        pull?.messages.push(message)
        if (pull?.messages.length === pull?.wanted) pull?.end()
      }
    },
  })
  void subscription.closed.then(() => pull?.fail(new BusUnavailable('the connection to NATS ended')))

  function heed(code: number, description: string): void {
    if (pull !== undefined && code === 409 && /MaxBytes/i.test(description)) {
      pull.tooLarge = pull.messages.length === 0
      pull.end()
    } else if (code === 404 || code === 408) pull?.end()
    else pull?.fail(new BusUnavailable(`NATS ended a read of ${stream.name}: ${code} ${description}`))
  }

  function request(limits: { batch: number; max_bytes?: number }): Promise<Pull> {
    return new Promise<Pull>((resolve, reject) => {
      const late = new BusUnavailable(`NATS did not answer a read of ${stream.name} within ${requestMs} ms`)
      const timer = setTimeout(() => mine.fail(late), requestMs)
      const done = () => {
        clearTimeout(timer)
        if (pull === mine) pull = undefined
      }
      const mine: Pull = {
        messages: [],
        wanted: limits.batch,
        tooLarge: false,
        end() {
          done()
          resolve(mine)
        },
        fail(error) {
          done()
          reject(error)
        },
      }
      pull = mine
      connection.publish(subject, JSON.stringify({ ...limits, no_wait: true }), { reply: inbox })
    })
  }

  function toEvent(message: Msg): LogEvent {
    const { sequence, delivery, storedAt } = readPlace(message.reply ?? '')
    if (delivery !== ++delivered)
      throw new BusUnavailable(`NATS left out a message of ${stream.name}: it is read again`)
    return fromMessage(message.headers, message.data, { stream: stream.name, topic, partition, sequence, storedAt })
  }

  const reader: Reader = {
    get next() {
      return next
    },
    get usable() {
      return usable && !connection.isClosed()
    },
    async read({ events, bytes }) {
      // A failure leaves behind messages that are on their way: they must not be taken for another answer.
      usable = false
      const answer = await request({ batch: events, max_bytes: bytes })
      const { messages } = answer.tooLarge ? await request({ batch: 1 }) : answer
      const read = messages.map(toEvent)
      const last = read.at(-1)
      if (last !== undefined) next = last.offset + 1n
      usable = true
      return read
    },
    close() {
      usable = false
      subscription.unsubscribe()
      if (!connection.isClosed()) manager.consumers.delete(stream.name, consumer.name).catch(() => {})
    },
  }
  return reader
}

// $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<delivery>.<time>.<pending>, or with domain and account in front.
function readPlace(reply: string): { sequence: number; delivery: number; storedAt: number } {
  const tokens = reply.split('.')
  const [sequence, delivery, time] = tokens.slice(tokens.length === 9 ? 5 : 7)
  return { sequence: Number(sequence), delivery: Number(delivery), storedAt: Math.floor(Number(time) / 1e6) }
}
