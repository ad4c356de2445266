import { randomBytes } from 'node:crypto'
import type { LogEvent } from '#shared/bus/port.ts'

/** A slice as it goes over the wire. */
export interface EncodedSlice {
  body: Buffer
  /** `Junction-Sizes`: for each event the bytes of its attributes and of its data. */
  sizes: string
  /** How many of the events fitted; at least one. */
  count: number
}

/** One CloudEvent in binary mode: attributes are headers, the body is the data alone. */
export interface BinaryEvent {
  headers: Record<string, string>
  body: Buffer
}

const NAME = /^[a-z0-9]{1,20}$/
// Attributes the envelope sets itself: a stored one of that name never wins.
const RESERVED = new Set([
  'specversion',
  'id',
  'type',
  'partitionkey',
  'offset',
  'datacontenttype',
  'data',
  'data_base64',
])

/**
 * Encodes a slice as a JSON array of CloudEvents whose data bytes are copied as they are, never parsed: the sizes let the
 * receiver cut by length, so that no data can pose as another event. Events beyond `maxBytes` are left for the next slice.
 */
export function encodeSlice(events: LogEvent[], maxBytes: number): EncodedSlice {
  const heads: string[] = []
  const sizes: string[] = []
  let size = 1
  for (const event of events) {
    const head = attributesPart(event)
    const headSize = Buffer.byteLength(head)
    const eventSize = headSize + event.data.byteLength + 2
    if (heads.length > 0 && size + eventSize > maxBytes) break
    size += eventSize
    heads.push(head)
    sizes.push(`${headSize}:${event.data.byteLength}`)
  }
  const body = Buffer.allocUnsafe(size)
  let at = 0
  for (const [i, head] of heads.entries()) {
    const { data } = events[i] as LogEvent
    body[at++] = i === 0 ? OPEN : COMMA
    at += body.write(head, at)
    body.set(data, at)
    at += data.byteLength
    body[at++] = BRACE
  }
  body[at] = CLOSE
  return { body, sizes: sizes.join(','), count: heads.length }
}

const [OPEN, CLOSE, COMMA, BRACE] = [0x5b, 0x5d, 0x2c, 0x7d]

function attributesPart(event: LogEvent): string {
  let text = `{"specversion":"1.0","id":${JSON.stringify(event.id)},"type":${JSON.stringify(event.type)}`
  eachAttribute(event, (name, value) => {
    text += `,"${name}":${JSON.stringify(value)}`
  })
  return `${text},"partitionkey":${JSON.stringify(event.key)},"offset":"${event.offset}","datacontenttype":"application/json","data":`
}

/** An event for a foreign function. */
export function encodeBinary(event: LogEvent): BinaryEvent {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': headerValue(event.id),
    'ce-type': headerValue(event.type),
    'ce-partitionkey': headerValue(event.key),
  }
  eachAttribute(event, (name, value) => {
    headers[`ce-${name}`] = headerValue(value)
  })
  return { headers, body: Buffer.from(event.data.buffer, event.data.byteOffset, event.data.byteLength) }
}

// The attributes beside id, type and key; `source`, which every CloudEvent must have, falls back to the topic's.
function eachAttribute({ attributes, topic }: LogEvent, take: (name: string, value: string) => void): void {
  if (attributes.source === undefined) take('source', `/topics/${topic}`)
  for (const name of Object.keys(attributes)) {
    const value = attributes[name]
    if (typeof value === 'string' && !RESERVED.has(name) && NAME.test(name)) take(name, value)
  }
}

/** A header value by the CloudEvents HTTP binding: everything outside printable ASCII, and `"` and `%`, in percent form. */
export const headerValue = (text: string): string =>
  text.replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )

/** A span below `parent`, or the root of a new trace. */
export function childTrace(parent: string | undefined): string {
  const known = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(parent ?? '')
  const trace = known?.[1] ?? randomBytes(16).toString('hex')
  return `00-${trace}-${randomBytes(8).toString('hex')}-${known?.[2] ?? '01'}`
}
