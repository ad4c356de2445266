import { createHash } from 'node:crypto'
import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node'
import { RefusedEvent } from './errors.ts'
import { type Headers, readHeaders } from './nats-headers.ts'
import type { BusEvent, LogEvent } from './port.ts'
import { readStructured } from './structured.ts'

/** Where and when a message was stored. */
export interface MessagePlace {
  stream: string
  topic: string
  partition: number
  sequence: number
  storedAt: number
}

const NAME = /^[a-z0-9]{1,20}$/
const PREFIX = 'ce-'
const TRACE = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
const MAX_ID = 1024
// The server takes 64 KiB of headers at most.
const MAX_HEADERS = 60 << 10

/**
 * The headers of an event: CloudEvents' NATS binding in binary mode, and `Nats-Msg-Id`, by which the server drops a
 * repetition. Throws `RefusedEvent` for what no header can hold.
 */
export function toHeaders(event: BusEvent): MsgHdrs {
  const all = headers()
  let size = 0
  const set = (name: string, value: string) => {
    const encoded = encode(value, event)
    size += name.length + encoded.length + 4
    all.set(name, encoded)
  }
  set('Nats-Msg-Id', event.dedupeId ?? `${event.id}#${hashOf(event)}`)
  for (const [name, value] of Object.entries(event.attributes)) set(`${PREFIX}${name}`, value)
  set(`${PREFIX}specversion`, '1.0')
  set(`${PREFIX}id`, event.id)
  set(`${PREFIX}type`, event.type)
  if (event.key !== '') set(`${PREFIX}partitionkey`, event.key)
  if (event.attributes.datacontenttype === undefined) set(`${PREFIX}datacontenttype`, 'application/json')
  if (size > MAX_HEADERS) {
    throw new RefusedEvent('oversize', `the attributes of event ${event.id.slice(0, 64)} are over 60 KiB`)
  }
  return all
}

/** A message as an event; one without a readable CloudEvent id is named by its `Nats-Msg-Id` or place, with type `raw`. */
export function fromMessage(message: Pick<Msg, 'headers' | 'data'>, place: MessagePlace): LogEvent {
  const { stream, topic, partition, sequence, storedAt } = place
  const texts = readHeaders(message)
  const { data } = message
  const structured = readStructured(texts.get('content-type'), data)
  const { id, type, partitionkey, ...attributes } = structured?.attributes ?? readAttributes(texts)
  const known = id !== undefined && id.length <= MAX_ID && type !== undefined
  return {
    topic,
    partition,
    offset: BigInt(sequence),
    appendedAt: storedAt,
    key: partitionkey ?? '',
    id: known ? id : (decode(texts.get('nats-msg-id')?.slice(0, MAX_ID)) ?? `${stream}/${sequence}`),
    type: known ? type : 'raw',
    attributes: known ? (attributes as Record<string, string>) : rawAttributes(texts, place),
    data: structured?.data ?? data,
  }
}

function readAttributes(texts: Headers): Record<string, string | undefined> {
  const all: Record<string, string> = {}
  for (const [name, text] of texts) {
    const attribute = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : ''
    const value = NAME.test(attribute) ? decode(text) : undefined
    if (value !== undefined && attribute !== 'specversion') all[attribute] = value
  }
  if (all.datacontenttype === 'application/json') delete all.datacontenttype
  return all
}

function rawAttributes(texts: Headers, { topic, storedAt }: MessagePlace): Record<string, string> {
  const traceparent = texts.get('traceparent') ?? ''
  return {
    source: `/topics/${topic}`,
    time: new Date(storedAt).toISOString(),
    ...(TRACE.test(traceparent) && { traceparent }),
  }
}

// One id means one stream, whatever its subjects: what lies in two partitions is two messages.
const hashOf = ({ partition, data }: BusEvent) =>
  createHash('sha256').update(`${partition}:`).update(data).digest('base64url').slice(0, 22)

// CloudEvents' rule for headers: what is not printable ASCII, space, quote and percent are percent-encoded UTF-8.
function encode(value: string, event: BusEvent): string {
  if (value.includes('\0')) throw refused(event, 'holds a NUL')
  try {
    return value.replace(/[^\x21-\x7e]|["%]/gu, encodeURIComponent)
  } catch {
    throw refused(event, 'holds half a surrogate pair')
  }
}

const refused = (event: BusEvent, why: string) =>
  new RefusedEvent('invalid', `an attribute of event ${JSON.stringify(event.id.slice(0, 64))} ${why}`)

// Undefined for nothing, and for a NUL, which PostgreSQL's text cannot hold; foreign values need not be encoded.
function decode(value: string | undefined): string | undefined {
  if (!value) return undefined
  let text = value
  try {
    if (value.includes('%')) text = decodeURIComponent(value)
  } catch {}
  return text.includes('\0') ? undefined : text
}
