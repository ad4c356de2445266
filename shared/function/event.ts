import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { topics } from '#shared/contracts/topics.ts'
import { PermanentError } from './errors.ts'
import { parseJson } from './json.ts'
import { type ReceivedEvent, RejectedEvent } from './receive.ts'
import { cutSlice } from './slice.ts'
import type { Slice } from './slice-work.ts'

/** A tick the connector brings: an alarm of the function's own or one of its schedule. */
export interface TickCall {
  kind: 'alarm' | 'schedule'
  name: string
  plannedAt: Date
}

/** What reached `POST /`, in whichever form it came. */
export type EventCall =
  | { form: 'slice'; slice: Slice }
  | { form: 'tick'; tick: TickCall }
  | { form: 'events'; events: ReceivedEvent[]; ignoresStatus: boolean }

const TICKS: Record<string, 'alarm' | 'schedule'> = {
  'city.junction.alarm.v1': 'alarm',
  'city.junction.schedule.v1': 'schedule',
}

/**
 * Decodes a call by its form: Junction's slices, CloudEvents binary, structured and batch, raw bodies with `X-Topic`.
 * Throws `SliceError` for a slice that does not fit its sizes, `PermanentError` (415, 422) for what is no event.
 */
export function decodeCall(headers: IncomingHttpHeaders, body: Buffer): EventCall {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new PermanentError('events are taken uncompressed', { code: 'decode', reason: 'decode', status: 415 })
  }
  const type = mediaType(headers['content-type'])
  if (headers['junction-first'] !== undefined) return { form: 'slice', slice: decodeSlice(headers, body) }
  const ignoresStatus = headers['x-topic'] !== undefined || headers['x-connector'] !== undefined
  const cloudEvents = () => decodeCloudEvents(headers, type, body, ignoresStatus)
  // Such a caller looks at no answer: what is no CloudEvent is taken raw, so that it can at least become a dead letter.
  if (headers['x-topic'] !== undefined) {
    return orElse(cloudEvents, { form: 'events', events: [raw(headers, body)], ignoresStatus })
  }
  if (body.length === 0) throw new RejectedEvent('decode', 'the body is empty')
  const call = cloudEvents()
  if (call) return call
  throw new PermanentError('not an event: send a CloudEvent (binary, structured or batch) or a body with X-Topic', {
    code: 'decode',
    reason: 'decode',
    status: 415,
  })
}

function decodeCloudEvents(
  headers: IncomingHttpHeaders,
  type: string | undefined,
  body: Buffer,
  ignoresStatus: boolean,
): EventCall | undefined {
  if (type === 'application/cloudevents-batch+json') {
    const batch = parse(body)
    if (!Array.isArray(batch)) throw new RejectedEvent('decode', 'a batch of CloudEvents is a JSON array')
    return { form: 'events', events: batch.map((one) => structured(one, headers)), ignoresStatus }
  }
  if (type === 'application/cloudevents+json') {
    return { form: 'events', events: [structured(parse(body), headers)], ignoresStatus }
  }
  return headers['ce-specversion'] === undefined ? undefined : binary(headers, body, ignoresStatus)
}

function orElse<T>(attempt: () => T | undefined, otherwise: T): T {
  try {
    return attempt() ?? otherwise
  } catch {
    return otherwise
  }
}

function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase()
}

function parse(body: Buffer): unknown {
  try {
    return parseJson(body)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    throw new RejectedEvent(code === 'invalid' ? 'invalid' : 'decode', message, { cause: error })
  }
}

function decodeSlice(headers: IncomingHttpHeaders, body: Buffer): Slice {
  const topic = header(headers, 'junction-topic')
  const events = cutSlice(body, header(headers, 'junction-sizes')).map(({ attributes, data }) => ({
    topic,
    partition: Number(header(headers, 'junction-partition')),
    offset: BigInt(String(attributes.offset)),
    ...lenient(attributes),
    body: data,
  }))
  return {
    log: one(headers['junction-log']) ?? 'postgres',
    topic,
    partition: Number(header(headers, 'junction-partition')),
    first: BigInt(header(headers, 'junction-first')),
    next: BigInt(header(headers, 'junction-next')),
    events,
  }
}

function structured(value: unknown, headers: IncomingHttpHeaders): ReceivedEvent {
  if (typeof value !== 'object' || value === null) throw new RejectedEvent('decode', 'a CloudEvent is a JSON object')
  const event = value as Record<string, unknown>
  if (event.specversion !== '1.0') throw new RejectedEvent('invalid', 'specversion: only 1.0 is known')
  const body =
    typeof event.data_base64 === 'string'
      ? Buffer.from(event.data_base64, 'base64')
      : Buffer.from(JSON.stringify(event.data ?? null))
  return { ...named(event), topic: topicOf(event, headers), part: part(event.junctionpart), body }
}

function binary(headers: IncomingHttpHeaders, body: Buffer, ignoresStatus: boolean): EventCall {
  if (headers['ce-specversion'] !== '1.0') throw new RejectedEvent('invalid', 'specversion: only 1.0 is known')
  const attributes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice(3)] = decodePercent(String(value))
  }
  const kind = TICKS[String(attributes.type)]
  if (kind) return { form: 'tick', tick: decodeTick(kind, body) }
  const event = {
    ...named(attributes),
    topic: topicOf(attributes, headers),
    part: part(attributes.junctionpart),
    body,
  }
  return { form: 'events', events: [event], ignoresStatus }
}

function decodeTick(kind: 'alarm' | 'schedule', body: Buffer): TickCall {
  const { name, plannedAt } = parse(body) as { name?: unknown; plannedAt?: unknown }
  const at = new Date(String(plannedAt))
  if (typeof name !== 'string' || Number.isNaN(at.getTime())) {
    throw new RejectedEvent('invalid', 'a tick has a name and an instant plannedAt')
  }
  return { kind, name, plannedAt: at }
}

/** A raw body by an OpenFaaS connector: its id is its place on the foreign log, else a hash of what it holds. */
function raw(headers: IncomingHttpHeaders, body: Buffer): ReceivedEvent {
  const topic = header(headers, 'x-topic')
  const [partition, offset] = [one(headers['x-kafka-partition']), one(headers['x-kafka-offset'])]
  const place = partition === undefined || offset === undefined ? undefined : `${topic}/${partition}/${offset}`
  return {
    topic,
    id: place ?? `sha256:${createHash('sha256').update(topic).update('\n').update(body).digest('hex')}`,
    source: `/topic/${topic}`,
    type: 'raw',
    traceparent: one(headers.traceparent),
    body,
  }
}

function named(attributes: Record<string, unknown>) {
  const { id, source, type, time, subject, traceparent } = attributes
  if (typeof id !== 'string' || id === '' || id.length > 1024)
    throw new RejectedEvent('invalid', 'id: 1 to 1,024 characters')
  if (typeof source !== 'string' || source === '') throw new RejectedEvent('invalid', 'source: missing')
  if (typeof type !== 'string' || type === '') throw new RejectedEvent('invalid', 'type: missing')
  return { id, source, type, time: part(time), subject: part(subject), traceparent: part(traceparent) }
}

// What lies on the log is taken as it is: one odd event must not spoil its slice.
function lenient({ id, source, type, time, subject, traceparent }: Record<string, unknown>) {
  return {
    id: String(id),
    source: part(source) ?? '',
    type: String(type),
    time: part(time),
    subject: part(subject),
    traceparent: part(traceparent),
  }
}

const part = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function topicOf({ type, junctiontopic }: Record<string, unknown>, headers: IncomingHttpHeaders): string {
  // The type of a message of a foreign topic says nothing of where it lay.
  const given = one(headers['x-topic']) ?? part(junctiontopic)
  if (given !== undefined) return given
  const found = Object.entries(topics).find(([, topic]) => topic.type === type)
  if (!found) throw new RejectedEvent('invalid', 'type: no topic carries it')
  return found[0]
}

function decodePercent(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw new RejectedEvent('invalid', 'a ce- header is not percent-encoded UTF-8')
  }
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = one(headers[name])
  if (value === undefined || value === '') throw new RejectedEvent('invalid', `the header ${name} is missing`)
  return value
}
