import { expect, it } from '@jest/globals'
import type { KafkaMessage } from 'kafkajs'
import { fromMessage, sizeOfMessage, toMessage } from './kafka-message.ts'

const PLACE = { clusterId: 'c1', topic: 't', partition: 3 }
const event = {
  topic: 't',
  partition: 3,
  key: 'k',
  id: 'a@1',
  type: 'x.v1',
  attributes: { source: '/s', subject: 'ü', time: '2024-03-04T06:00:00.000Z' },
  data: Buffer.from([0, 255, 123]),
}
const message = (given: Partial<KafkaMessage>): KafkaMessage =>
  ({
    key: null,
    value: Buffer.from('v'),
    timestamp: '0',
    attributes: 0,
    offset: '7',
    headers: {},
    ...given,
  }) as KafkaMessage
const bytes = (headers: object) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(String(value))]))

it('writes an event as a record and reads it back as it was', () => {
  const { key, value, headers } = toMessage(event)
  expect(headers).toEqual({
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: 'a@1',
    ce_type: 'x.v1',
    ce_source: '/s',
    ce_subject: 'ü',
    ce_time: '2024-03-04T06:00:00.000Z',
  })
  const back = fromMessage(
    message({ key: Buffer.from(String(key)), value: value as Buffer, headers: bytes(headers ?? {}) }),
    PLACE,
  )
  expect(back).toEqual({ ...event, offset: 7n })
})

it('lets no attribute pose as the id or the type', () => {
  const { headers } = toMessage({ ...event, attributes: { id: 'forged', type: 'forged' } })
  expect(headers).toMatchObject({ ce_id: 'a@1', ce_type: 'x.v1' })
})

it.each([
  ['no headers', {}],
  ['an id that is no UTF-8', { ce_id: Buffer.from([0xff]), ce_type: 't' }],
  ['an id with NUL', bytes({ ce_id: 'a\0b', ce_type: 't' })],
  ['an id of more than 1,024 characters', bytes({ ce_id: 'x'.repeat(1025), ce_type: 't' })],
  ['no type', bytes({ ce_id: 'a' })],
])('names a record with %s by its place', (_, headers) => {
  expect(fromMessage(message({ headers }), PLACE)).toMatchObject({
    id: 'c1/t/3/7',
    type: 'raw',
    attributes: { source: '/topics/t' },
  })
})

const STRUCTURED = bytes({ 'content-type': 'application/cloudevents+json; charset=UTF-8' })
const envelope =
  '{"specversion":"1.0","id":"s-1","source":"/shop","type":"org.example.sale","time":"2024-11-11T10:00:00Z","lane":2,"data":{"vehicle_count":12}}'

it('reads a CloudEvent whose record says that it is one as a whole', () => {
  const record = message({ key: Buffer.from('k'), headers: STRUCTURED, value: Buffer.from(envelope) })
  expect(fromMessage(record, PLACE)).toEqual({
    topic: 't',
    partition: 3,
    offset: 7n,
    key: 'k',
    id: 's-1',
    type: 'org.example.sale',
    attributes: { source: '/shop', time: '2024-11-11T10:00:00Z', lane: '2' },
    data: Buffer.from('{"vehicle_count":12}'),
  })
})

it.each([
  ['that cannot be read', envelope.slice(0, -1), STRUCTURED],
  ['without an id', envelope.replace('"id"', '"no"'), STRUCTURED],
  ['of a record that says nothing of it', envelope, {}],
])('takes a whole CloudEvent %s as it came', (_, value, headers) => {
  expect(fromMessage(message({ headers, value: Buffer.from(value) }), PLACE)).toMatchObject({
    id: 'c1/t/3/7',
    type: 'raw',
    attributes: { source: '/topics/t' },
    data: Buffer.from(value),
  })
})

it('takes a trace along from where there is no CloudEvent, and nothing else', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const of = (given: string) =>
    fromMessage(message({ headers: bytes({ traceparent: given, other: 'x' }) }), PLACE)?.attributes
  expect(of(traceparent)).toEqual({ source: '/topics/t', traceparent })
  expect(of('nonsense')).toEqual({ source: '/topics/t' })
})

it('sees no event in a tombstone, and one in an empty value', () => {
  expect(fromMessage(message({ value: null }), PLACE)).toBeUndefined()
  expect(fromMessage(message({ value: Buffer.alloc(0) }), PLACE)?.data).toHaveLength(0)
})

it('weighs a record with its headers', () => {
  const small = sizeOfMessage(toMessage(event))
  expect(sizeOfMessage(toMessage({ ...event, attributes: { subject: 'x'.repeat(1000) } }))).toBeGreaterThan(small + 900)
  expect(sizeOfMessage(toMessage({ ...event, data: Buffer.alloc(1003) }))).toBe(small + 1000)
})
