import type { IHeaders, KafkaMessage, Message } from 'kafkajs'
import type { BusEvent, LogEvent } from './port.ts'
import { readStructured } from './structured.ts'

/** Where a record lies. */
export interface RecordPlace {
  clusterId: string
  topic: string
  partition: number
}

/** An event as a record: CloudEvents' Kafka binding in binary mode. */
export function toMessage(event: BusEvent): Message {
  const headers: IHeaders = { 'content-type': 'application/json', ce_specversion: '1.0' }
  for (const [name, value] of Object.entries(event.attributes)) headers[`ce_${name}`] = value
  headers.ce_id = event.id
  headers.ce_type = event.type
  return {
    partition: event.partition,
    key: event.key,
    value: Buffer.from(event.data.buffer, event.data.byteOffset, event.data.byteLength),
    headers,
  }
}

/** What a record weighs in a batch, about. */
export function sizeOfMessage({ key, value, headers = {} }: Message): number {
  let size = 32 + Buffer.byteLength(key ?? '') + (value?.length ?? 0)
  for (const [name, one] of Object.entries(headers)) size += name.length + 4 + Buffer.byteLength(String(one))
  return size
}

/**
 * A record as an event, by CloudEvents' Kafka binding in binary or structured mode; undefined for a tombstone, which says
 * only that something is no more. One without a readable CloudEvent id is named by its place, with type `raw`.
 */
export function fromMessage(message: KafkaMessage, { clusterId, topic, partition }: RecordPlace): LogEvent | undefined {
  if (message.value === null) return undefined
  const place = `${clusterId}/${topic}/${partition}/${message.offset}`
  const structured = readStructured(readText(first(message.headers?.['content-type'])), message.value)
  const { id, type, specversion: _, ...attributes } = structured?.attributes ?? readAttributes(message.headers)
  const known = id !== undefined && id.length <= MAX_ID && type !== undefined
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key === null ? '' : (readText(message.key) ?? message.key.toString('base64')),
    id: known ? id : place,
    type: known ? type : 'raw',
    attributes: known ? (attributes as Record<string, string>) : rawAttributes(topic, message),
    data: structured?.data ?? message.value,
  }
}

const NAME = /^ce_([a-z0-9]{1,20})$/
const TRACE = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
const MAX_ID = 1024

function readAttributes(headers: IHeaders = {}): Record<string, string | undefined> {
  const attributes: Record<string, string> = {}
  for (const header of Object.keys(headers)) {
    const name = NAME.exec(header)?.[1]
    const value = name && readText(first(headers[header]))
    if (name && value) attributes[name] = value
  }
  return attributes
}

function rawAttributes(topic: string, { headers, timestamp }: KafkaMessage): Record<string, string> {
  const traceparent = readText(first(headers?.traceparent)) ?? ''
  const published = new Date(Number(timestamp))
  return {
    source: `/topics/${topic}`,
    ...(Number(timestamp) > 0 && !Number.isNaN(published.getTime()) && { time: published.toISOString() }),
    ...(TRACE.test(traceparent) && { traceparent }),
  }
}

const first = (value: IHeaders[string]) => (Array.isArray(value) ? value[0] : value)

// Undefined for what is no UTF-8, or holds a NUL, which PostgreSQL's text cannot.
function readText(bytes: Buffer | string | undefined): string | undefined {
  if (bytes === undefined) return undefined
  try {
    const text = typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
