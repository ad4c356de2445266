import type { IncomingHttpHeaders } from 'node:http'
import { type Attributes, binaryAttributes, eventOf, structuredParts } from './cloud-event.ts'
import { CRON_TOPIC, connectorEvent } from './connector-event.ts'
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
  /** A tick by a clock of the platform's own, which may say when it was. */
  | { form: 'trigger'; at: Date | undefined }
  | { form: 'events'; events: ReceivedEvent[]; ignoresStatus: boolean }

const TICKS: Record<string, 'alarm' | 'schedule'> = {
  'city.junction.alarm.v1': 'alarm',
  'city.junction.schedule.v1': 'schedule',
}

/** What a PingSource of Knative sends; its data are its author's and say nothing to a schedule. */
const PING = 'dev.knative.sources.ping'

/** Headers of which at least one is on every call that brings an event or a tick, but for the media types of CloudEvents. */
const OF_EVENTS = ['junction-first', 'ce-specversion', 'x-topic', 'x-connector']
const CLOUD_EVENTS = ['application/cloudevents+json', 'application/cloudevents-batch+json']

/** Whether a call brings an event or a tick: its headers alone say so, whatever the body holds. */
export const bringsEvent = (headers: IncomingHttpHeaders): boolean =>
  OF_EVENTS.some((name) => headers[name] !== undefined) ||
  CLOUD_EVENTS.includes(mediaType(headers['content-type']) ?? '')

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
  const xTopic = one(headers['x-topic'])
  if (xTopic === CRON_TOPIC) return { form: 'trigger', at: instant(headers['ce-time']) }
  const ignoresStatus = xTopic !== undefined || headers['x-connector'] !== undefined
  const cloudEvents = () => decodeCloudEvents(headers, type, body, ignoresStatus)
  // Such a caller looks at no answer: what is no CloudEvent is taken raw, so that it can at least become a dead letter.
  if (xTopic !== undefined) {
    const given = header(headers, 'x-topic')
    return orElse(cloudEvents, { form: 'events', events: [connectorEvent(given, headers, body)], ignoresStatus })
  }
  const call = cloudEvents()
  if (call) return call
  if (body.length === 0) throw new RejectedEvent('decode', 'the body is empty')
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
  const xTopic = one(headers['x-topic'])
  const structured = (value: unknown) => {
    const { attributes, body: data } = structuredParts(value)
    return eventOf(attributes, data, xTopic)
  }
  if (type === 'application/cloudevents-batch+json') {
    const batch = parse(body)
    if (!Array.isArray(batch)) throw new RejectedEvent('decode', 'a batch of CloudEvents is a JSON array')
    return { form: 'events', events: batch.map(structured), ignoresStatus }
  }
  if (type === 'application/cloudevents+json') {
    const { attributes, body: data } = structuredParts(parse(body))
    return oneOf(attributes, data, xTopic, ignoresStatus)
  }
  if (headers['ce-specversion'] === undefined) return undefined
  return oneOf(binaryAttributes(headers), body, xTopic, ignoresStatus)
}

function oneOf(attributes: Attributes, body: Buffer, xTopic: string | undefined, ignoresStatus: boolean): EventCall {
  const kind = TICKS[String(attributes.type)]
  if (kind) return { form: 'tick', tick: decodeTick(kind, body) }
  if (attributes.type === PING) return { form: 'trigger', at: instant(attributes.time) }
  return { form: 'events', events: [eventOf(attributes, body, xTopic)], ignoresStatus }
}

function instant(value: unknown): Date | undefined {
  const at = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(at.getTime()) ? undefined : at
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

function decodeTick(kind: 'alarm' | 'schedule', body: Buffer): TickCall {
  const { name, plannedAt } = parse(body) as { name?: unknown; plannedAt?: unknown }
  const at = new Date(String(plannedAt))
  if (typeof name !== 'string' || Number.isNaN(at.getTime())) {
    throw new RejectedEvent('invalid', 'a tick has a name and an instant plannedAt')
  }
  return { kind, name, plannedAt: at }
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

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = one(headers[name])
  if (value === undefined || value === '') throw new RejectedEvent('invalid', `the header ${name} is missing`)
  return value
}
