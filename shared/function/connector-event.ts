import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Attributes, eventOf } from './cloud-event.ts'
import type { ReceivedEvent } from './receive.ts'

/** The topic under which OpenFaaS's cron connector calls. */
export const CRON_TOPIC = 'cron-function'

/**
 * A raw body by one of OpenFaaS's connectors. A record of Kafka that was a CloudEvent is that event again; else its id
 * is its place on the foreign log, and where there is none a hash of what it holds.
 */
export function connectorEvent(topic: string, headers: IncomingHttpHeaders, body: Buffer): ReceivedEvent {
  const place = placeOf(headers)
  const attributes = recordAttributes(headers)
  if (attributes) {
    try {
      return { ...eventOf(attributes, body, topic), ...place }
    } catch {
      // Headers of somebody else's that happen to begin alike.
    }
  }
  const id =
    place === undefined
      ? `sha256:${createHash('sha256').update(topic).update('\n').update(body).digest('hex')}`
      : `${topic}/${place.partition}/${place.offset}`
  const traceparent = one(headers.traceparent) ?? one(headers['x-kafka-traceparent'])
  return { topic, ...place, id, source: `/topic/${topic}`, type: 'raw', traceparent, body }
}

function placeOf(headers: IncomingHttpHeaders): { partition: number; offset: bigint } | undefined {
  const [partition, offset] = [one(headers['x-kafka-partition']), one(headers['x-kafka-offset'])]
  if (!/^\d{1,9}$/.test(partition ?? '') || !/^\d{1,18}$/.test(offset ?? '')) return undefined
  return { partition: Number(partition), offset: BigInt(offset as string) }
}

const RECORD_HEADER = 'x-kafka-ce_'

/** The attributes that a record had by CloudEvents' Kafka binding, which codes nothing: the bytes are UTF-8. */
function recordAttributes(headers: IncomingHttpHeaders): Attributes | undefined {
  if (headers[`${RECORD_HEADER}specversion`] !== '1.0') return undefined
  const attributes: Attributes = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(RECORD_HEADER))
      attributes[name.slice(RECORD_HEADER.length)] = Buffer.from(String(value), 'latin1').toString()
  }
  return attributes
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)
