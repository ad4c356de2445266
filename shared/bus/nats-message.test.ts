import { describe, expect, it } from '@jest/globals'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { fromMessage, type MessagePlace, toHeaders } from './nats-message.ts'
import type { BusEvent } from './port.ts'

const event: BusEvent = {
  topic: 'readings',
  partition: 3,
  key: 'Straße 9 "Nord" 100%',
  id: 'loop-1@2012-03-01T08:00:00.000Z',
  type: 'city.junction.readings.v1',
  attributes: { source: '/test', subject: 'a\r\nb é 🚦', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
  data: Buffer.from('{"n":1}'),
}
const from = (given: MsgHdrs | undefined, data: Uint8Array, at: MessagePlace) =>
  fromMessage({ data, ...(given && { headers: given }) }, at)
const place = { stream: 'readings', topic: 'readings', partition: 3, sequence: 17, storedAt: 1_700_000_000_000 }
const entries = (all: ReturnType<typeof headers>) =>
  Object.fromEntries([...all.keys()].map((key) => [key, all.get(key)]))

describe('a message of NATS', () => {
  it('carries an event in the headers of the CloudEvents binding', () => {
    expect(entries(toHeaders(event))).toEqual({
      'Nats-Msg-Id': 'loop-1@2012-03-01T08:00:00.000Z#0q-Vlz_vAVPO6PFcTScYNL',
      'ce-specversion': '1.0',
      'ce-id': 'loop-1@2012-03-01T08:00:00.000Z',
      'ce-type': 'city.junction.readings.v1',
      'ce-source': '/test',
      'ce-subject': 'a%0D%0Ab%20%C3%A9%20%F0%9F%9A%A6',
      'ce-traceparent': `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      'ce-partitionkey': 'Stra%C3%9Fe%209%20%22Nord%22%20100%25',
      'ce-datacontenttype': 'application/json',
    })
  })

  it('gives back the event it was made of', () => {
    expect(from(toHeaders(event), event.data, place)).toEqual({
      ...event,
      offset: 17n,
      appendedAt: 1_700_000_000_000,
    })
  })

  it('is known by what the relay names it, else by id, place and data: two values of one id are two messages', () => {
    const idOf = (other: Partial<BusEvent>) => toHeaders({ ...event, ...other }).get('Nats-Msg-Id')
    expect(idOf({ dedupeId: '3/1041' })).toBe('3/1041')
    expect(idOf({})).toBe(idOf({}))
    expect(idOf({ data: Buffer.from('{"n":2}') })).not.toBe(idOf({}))
    expect(idOf({ partition: 4 })).not.toBe(idOf({}))
  })

  it.each([
    ['a NUL', { key: 'a\0b' }, 'invalid'],
    ['half a surrogate pair', { id: 'a\ud800' }, 'invalid'],
    ['more than the server takes as headers', { attributes: { subject: 'é'.repeat(11_000) } }, 'oversize'],
  ])('refuses %s', (_what, other, code) => {
    expect(() => toHeaders({ ...event, ...other })).toThrow(expect.objectContaining({ name: 'RefusedEvent', code }))
  })

  it('that is foreign is named by its Nats-Msg-Id, else by its place', () => {
    const named = headers()
    named.set('Nats-Msg-Id', 'order 7')
    const foreign = { ...place, stream: 'TRAFFIC', topic: 'traffic-data', partition: 0 }
    const raw = {
      topic: 'traffic-data',
      partition: 0,
      offset: 17n,
      appendedAt: 1_700_000_000_000,
      key: '',
      type: 'raw',
      attributes: { source: '/topics/traffic-data', time: '2023-11-14T22:13:20.000Z' },
      data: Buffer.from('{}'),
    }
    expect(from(undefined, Buffer.from('{}'), foreign)).toEqual({ ...raw, id: 'TRAFFIC/17' })
    expect(from(named, Buffer.from('{}'), foreign)).toEqual({ ...raw, id: 'order 7' })
  })

  it('of another CloudEvents producer may write its headers in other letters and unencoded', () => {
    const other = headers()
    other.set('Ce-Id', '50% off')
    other.set('CE-Type', 'org.example.sale')
    other.set('ce-source', '/shop')
    expect(from(other, Buffer.from(''), place)).toMatchObject({
      id: '50% off',
      type: 'org.example.sale',
      attributes: { source: '/shop' },
    })
  })

  it('may hold the whole event, in structured mode', () => {
    const structured = headers()
    structured.set('Content-Type', 'application/cloudevents+json')
    const whole = (event: object) =>
      from(structured, Buffer.from(JSON.stringify({ specversion: '1.0', source: '/shop', ...event })), place)
    const given = { id: 's-1', type: 'org.example.sale', partitionkey: 'é 9', data: { n: 1 } }
    expect(whole(given)).toEqual({
      topic: 'readings',
      partition: 3,
      offset: 17n,
      appendedAt: 1_700_000_000_000,
      key: 'é 9',
      id: 's-1',
      type: 'org.example.sale',
      attributes: { source: '/shop' },
      data: Buffer.from('{"n":1}'),
    })
    // Without its id it is no CloudEvent: who validates it sees all that came.
    const raw = { id: 'readings/17', type: 'raw', attributes: { source: '/topics/readings' } }
    expect(whole({ type: 'org.example.sale' })).toMatchObject(raw)
    expect(Buffer.from(whole({ type: 'org.example.sale' }).data).toString()).toContain('"specversion":"1.0"')
    expect(from(structured, Buffer.from('{"id":'), place)).toMatchObject({ ...raw, data: Buffer.from('{"id":') })
  })
})
