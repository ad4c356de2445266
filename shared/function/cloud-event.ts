import type { IncomingHttpHeaders } from 'node:http'
import { topics } from '#shared/contracts/topics.ts'
import { type ReceivedEvent, RejectedEvent } from './receive.ts'

/** The attributes of a CloudEvent by their names; whoever sent them was asked nothing yet. */
export type Attributes = Record<string, unknown>

/** What a KafkaSource of Knative makes of a record that is no CloudEvent. */
const KAFKA_RECORD = 'dev.knative.kafka.event'

/** The attributes of a CloudEvent in binary mode; throws `RejectedEvent`. */
export function binaryAttributes(headers: IncomingHttpHeaders): Attributes {
  if (headers['ce-specversion'] !== '1.0') throw new RejectedEvent('invalid', 'specversion: only 1.0 is known')
  const attributes: Attributes = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice(3)] = decodeHeader(String(value))
  }
  return attributes
}

/** The attributes and the data of a CloudEvent in structured mode; throws `RejectedEvent`. */
export function structuredParts(value: unknown): { attributes: Attributes; body: Buffer } {
  if (typeof value !== 'object' || value === null) throw new RejectedEvent('decode', 'a CloudEvent is a JSON object')
  const { data, data_base64, ...attributes } = value as Attributes
  if (attributes.specversion !== '1.0') throw new RejectedEvent('invalid', 'specversion: only 1.0 is known')
  const body =
    typeof data_base64 === 'string' ? Buffer.from(data_base64, 'base64') : Buffer.from(JSON.stringify(data ?? null))
  return { attributes, body }
}

/** The event of these attributes, of the topic that they or `X-Topic` tell of; throws `RejectedEvent`. */
export function eventOf(attributes: Attributes, body: Buffer, xTopic: string | undefined): ReceivedEvent {
  const { id, source, type, time, subject, traceparent } = attributes
  if (typeof id !== 'string' || id === '' || id.length > 1024)
    throw new RejectedEvent('invalid', 'id: 1 to 1,024 characters')
  if (typeof source !== 'string' || source === '') throw new RejectedEvent('invalid', 'source: missing')
  if (typeof type !== 'string' || type === '') throw new RejectedEvent('invalid', 'type: missing')
  return {
    topic: xTopic ?? text(attributes.junctiontopic) ?? topicOf(type, source),
    ...(type === KAFKA_RECORD ? placeOf(id) : {}),
    ...{ id, source, type, time: text(time), subject: text(subject), traceparent: text(traceparent) },
    part: text(attributes.junctionpart),
    body,
  }
}

// The type of a message of a foreign topic says nothing of where it lay.
function topicOf(type: string, source: string): string {
  const hash = source.indexOf('#')
  if (type === KAFKA_RECORD && hash >= 0) return source.slice(hash + 1)
  const found = Object.entries(topics).find(([, topic]) => topic.type === type)
  if (!found) throw new RejectedEvent('invalid', 'type: no topic carries it')
  return found[0]
}

function placeOf(id: string): Pick<ReceivedEvent, 'partition' | 'offset'> {
  const [, partition, offset] = /^partition:(\d{1,9})\/offset:(\d{1,18})$/.exec(id) ?? []
  return partition === undefined || offset === undefined ? {} : { partition: Number(partition), offset: BigInt(offset) }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** A header by the HTTP binding: its quotes are taken off, as older senders set them, and percent-coding once. */
function decodeHeader(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1]
  try {
    return decodeURIComponent(quoted === undefined ? value : quoted.replace(/\\(.)/g, '$1'))
  } catch {
    throw new RejectedEvent('invalid', 'a ce- header is not percent-encoded UTF-8')
  }
}
