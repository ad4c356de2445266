import { AckPolicy, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream'
import { createInbox, type Msg, nanos } from '@nats-io/transport-node'
import { BusUnavailable } from './errors.ts'
import type { NatsClient } from './nats-connection.ts'
import { fromMessage } from './nats-message.ts'
import type { Stream } from './nats-streams.ts'
import type { LogEvent, ReadFrom, ReadLimits } from './port.ts'

/** A consumer on the server; of no use any more once a pull failed. */
export interface Puller {
  /** What is there, at most so much; `ended` where there was less than that. */
  pull(limits: ReadLimits): Promise<{ events: LogEvent[]; ended: boolean }>
  close(): void
}

interface Pull {
  /** Where its messages and its end are sent: what is said to another is not meant. */
  inbox: string
  take(message: Msg): void
  end(how: { ended: boolean; tooLarge?: boolean }): void
  fail(error: unknown): void
}

interface Answer {
  events: LogEvent[]
  ended: boolean
  /** The next message alone is larger than what was asked for. */
  tooLarge?: boolean
}

/** Makes a consumer without acknowledgements, which the server forgets when nobody has pulled for `idleMs`. */
export async function openPuller(
  { connection, manager }: NatsClient,
  stream: Stream,
  { topic, partition, offset }: ReadFrom,
  { requestMs, idleMs }: { requestMs: number; idleMs: number },
): Promise<Puller> {
  const consumer = await manager.consumers.add(stream.name, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    replay_policy: ReplayPolicy.Instant,
    opt_start_seq: Number(offset),
    ...(!stream.whole && { filter_subject: stream.subjects[partition] as string }),
    inactive_threshold: nanos(idleMs),
    mem_storage: true,
    num_replicas: 1,
  })
  const prefix = createInbox()
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream.name}.${consumer.name}`
  let pull: Pull | undefined
  let pulls = 0
  let delivered = 0
  const subscription = connection.subscribe(`${prefix}.*`, {
    callback(error, message) {
      if (error) pull?.fail(error)
      // What the server itself says is of no stream, so that it has no place to be acknowledged.
      else if (message.reply) pull?.take(message)
      else if (message.subject === pull?.inbox) heed(pull, message)
    },
  })
  void subscription.closed.then(() => pull?.fail(new BusUnavailable('the connection to NATS ended')))

  function heed(
    mine: Pull,
    { headers: { code = 0, description = '' } = {} as NonNullable<Msg['headers']> }: Msg,
  ): void {
    if (code === 404 || code === 408) mine.end({ ended: true })
    else if (code === 409 && /MaxBytes/i.test(description)) mine.end({ ended: false, tooLarge: true })
    else mine.fail(new BusUnavailable(`NATS ended a read of ${stream.name}: ${code} ${description}`))
  }

  function request(limits: { batch: number; max_bytes?: number }): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const events: LogEvent[] = []
      const late = () => {
        // Of a batch that takes all its bytes to the last one the server does not say that it is over.
        if (events.length > 0) mine.end({ ended: false })
        else mine.fail(new BusUnavailable(`NATS did not answer a read of ${stream.name} within ${requestMs} ms`))
      }
      const timer = setTimeout(late, requestMs)
      const done = () => {
        clearTimeout(timer)
        if (pull === mine) pull = undefined
      }
      const mine: Pull = {
        inbox: `${prefix}.${++pulls}`,
        take(message) {
          try {
            events.push(toEvent(message))
          } catch (error) {
            return mine.fail(error)
          }
          if (events.length === limits.batch) mine.end({ ended: false })
        },
        end(how) {
          done()
          resolve({ events, ...how })
        },
        fail(error) {
          done()
          reject(error)
        },
      }
      pull = mine
      connection.publish(subject, JSON.stringify({ ...limits, no_wait: true }), { reply: mine.inbox })
    })
  }

  function toEvent(message: Msg): LogEvent {
    const { sequence, delivery, storedAt } = readPlace(message.reply ?? '')
    if (delivery !== ++delivered) {
      throw new BusUnavailable(`NATS left out a message of ${stream.name}: it is read again`)
    }
    return fromMessage(message, { stream: stream.name, topic, partition, sequence, storedAt })
  }

  return {
    async pull({ events, bytes }) {
      const answer = await request({ batch: events, max_bytes: bytes })
      return answer.tooLarge && answer.events.length === 0 ? request({ batch: 1 }) : answer
    },
    close() {
      subscription.unsubscribe()
      if (!connection.isClosed()) manager.consumers.delete(stream.name, consumer.name).catch(() => {})
    },
  }
}

// $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<delivery>.<time>.<pending>, or with domain and account in front.
function readPlace(reply: string): { sequence: number; delivery: number; storedAt: number } {
  const tokens = reply.split('.')
  const [sequence, delivery, time] = tokens.slice(tokens.length === 9 ? 5 : 7)
  return { sequence: Number(sequence), delivery: Number(delivery), storedAt: Math.floor(Number(time) / 1e6) }
}
