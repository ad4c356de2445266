import { findTopic } from '#shared/contracts/topics.ts'
import type { DeadLetter } from '#shared/state/dead-letter.ts'
import type { InputEvent } from './define.ts'
import type { DeadLetterReason } from './errors.ts'
import { parseJson } from './json.ts'
import type { JsonError } from './json-error.ts'

/** Of the path to a fault no answer shows more. */
const MAX_PATH = 64

/** An event as it reached the function: attributes known, data still raw bytes. */
export interface ReceivedEvent {
  topic: string
  id: string
  source: string
  type: string
  partition?: number | undefined
  offset?: bigint | undefined
  time?: string | undefined
  subject?: string | undefined
  traceparent?: string | undefined
  /** Set on a replayed part of an event. */
  part?: string | undefined
  body: Uint8Array
}

/** The event cannot be what its topic promises; `code` is `decode` or `invalid`. */
export class RejectedEvent extends Error {
  override name = 'PermanentError'
  code: 'decode' | 'invalid'
  reason: DeadLetterReason
  status = 422
  constructor(code: 'decode' | 'invalid', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.reason = code === 'decode' ? 'decode' : 'validation'
  }
}

/** Decodes the data of a foreign topic's message, of which the registry knows nothing; throws `RejectedEvent`. */
export const decodeForeign = (received: ReceivedEvent): InputEvent => inputOf(received, parseData(received))

/** Decodes and validates the data of an event by its topic; throws `RejectedEvent`. */
export function decodeEvent(received: ReceivedEvent): InputEvent {
  const topic = findTopic(received.topic)
  if (!topic) throw new RejectedEvent('invalid', `the registry has no topic of the name ${received.topic.slice(0, 64)}`)
  const parsed = topic.schema.safeParse(parseData(received))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    // Both may hold keys of the input, which no answer echoes at length.
    const [where, what] = [issue?.path.join('.') || 'the data', String(issue?.message)]
    throw new RejectedEvent('invalid', `${where.slice(0, 64)}: ${what.slice(0, 80)}`)
  }
  return inputOf(received, parsed.data)
}

function inputOf(received: ReceivedEvent, data: unknown): InputEvent {
  const { body: _, part: __, traceparent: ___, ...attributes } = received
  return Object.assign({ data }, definedOnly(attributes)) as InputEvent
}

function parseData({ topic, body }: ReceivedEvent): unknown {
  try {
    return parseJson(body)
  } catch (error) {
    const { code, message, path } = error as JsonError
    const where = path.length > MAX_PATH ? `…${path.slice(1 - MAX_PATH)}` : path || 'a message'
    throw new RejectedEvent(code, `${topic.slice(0, 64)}: ${where} ${message}`, { cause: error })
  }
}

// A key without a value and no key are the same to a reader, not to exactOptionalPropertyTypes.
function definedOnly<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T
}

/** The dead letter of a whole event. */
export function deadLetterOf(
  received: ReceivedEvent,
  error: { name?: string; code?: string; message: string },
  reason: DeadLetterReason,
  host: { consumer: string; version: string },
): DeadLetter {
  const { topic, partition, offset, id, source, type, time, subject, traceparent, body } = received
  return {
    consumer: host.consumer,
    topic,
    partition,
    offset,
    eventId: id,
    part: received.part,
    reason,
    errorClass: error.code ?? error.name ?? 'Error',
    error: error.message,
    attempts: 1,
    functionVersion: host.version,
    traceId: traceparent?.split('-')[1],
    headers: definedOnly({ source, type, time, subject, traceparent }) as Record<string, string>,
    body,
  }
}
