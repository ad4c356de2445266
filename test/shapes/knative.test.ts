import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { TestDatabase } from '../postgres.ts'
import { type Image, type ShapeRequest, startImage } from './image.ts'
import { deadLetters, empty, openWorld } from './world.ts'

const TYPE = 'city.junction.readings.v1'
const reading = (device: string) =>
  `{"device":"${device}","observedAt":"2026-03-01T08:01:00.000Z","measures":{"speed":50},"receivedAt":"2026-03-01T08:01:00.000Z","quality":{"flags":[],"confidence":1}}`
const event = (device: string, headers: Record<string, string> = {}): ShapeRequest => ({
  headers: {
    'ce-specversion': '1.0',
    'ce-id': device,
    'ce-source': '/apis/v1/namespaces/city/kafkasources/readings#readings',
    'ce-type': TYPE,
    'content-type': 'application/json',
    prefer: 'reply',
    ...headers,
  },
  body: reading(device),
})
const ping = (time: string, more: Partial<ShapeRequest> = {}): ShapeRequest => ({
  headers: {
    'Ce-Id': '6f2e1c1e-6a5a-4b0e-8d2c-2a1f3d1b9c0d',
    'Ce-Source': '/apis/v1/namespaces/city/pingsources/sweep',
    'Ce-Specversion': '1.0',
    'Ce-Time': time,
    'Ce-Type': 'dev.knative.sources.ping',
    'Content-Type': 'application/json',
  },
  body: '{"job":"sweep"}',
  ...more,
})

interface Row {
  what: string
  request: ShapeRequest
  status: number
  /** `code` of the problem; without one the body is empty. */
  code?: string
  header?: [string, string]
  /** What was done. */
  effects?: string[]
}

/** Knative tries 404, 408, 409, 429 and 5xx again, and takes any other 4xx for the end of it. */
const rows: Row[] = [
  { what: 'an event', request: event('a'), status: 200, effects: ['a'] },
  { what: 'poison, which its handler calls 404', request: event('poison-1'), status: 422, code: 'permanent' },
  { what: 'what fails for now', request: event('later-1'), status: 500, code: 'transient' },
  {
    what: 'what asks for patience',
    request: event('slower-1'),
    status: 429,
    code: 'throttled',
    header: ['retry-after', '1'],
  },
  { what: 'what nobody foresaw', request: event('broken-1'), status: 500, code: 'unexpected' },
  {
    what: 'what takes too long',
    request: event('wait-5000', { 'X-Timeout': '100ms' }),
    status: 504,
    code: 'deadline',
    header: ['x-openfaas-internal', 'faas-middleware'],
  },
  {
    what: 'another version of CloudEvents',
    request: event('a', { 'ce-specversion': '0.3' }),
    status: 422,
    code: 'invalid',
  },
  { what: 'an event without id', request: event('a', { 'ce-id': '' }), status: 422, code: 'invalid' },
  {
    what: 'a type of another city',
    request: event('a', { 'ce-type': 'com.example.parking' }),
    status: 422,
    code: 'invalid',
  },
  {
    what: 'a header that is not percent-coded UTF-8',
    request: event('a', { 'ce-id': '%E4' }),
    status: 422,
    code: 'invalid',
  },
  { what: 'data that are no JSON', request: { ...event('a'), body: '{' }, status: 422, code: 'decode' },
  { what: 'data that are not there', request: { ...event('a'), body: '' }, status: 422, code: 'decode' },
  {
    what: 'a structured event that is no JSON',
    request: { headers: { 'content-type': 'application/cloudevents+json' }, body: '{"specversion' },
    status: 422,
    code: 'decode',
  },
  { what: 'a compressed event', request: event('a', { 'content-encoding': 'gzip' }), status: 415, code: 'decode' },
  {
    what: 'no event at all',
    request: { headers: { 'content-type': 'application/json' }, body: '{}' },
    status: 415,
    code: 'decode',
  },
  {
    what: 'a body beyond 1 MiB',
    request: event('a', { 'content-length': String((1 << 20) + 1) }),
    status: 413,
    code: 'oversize',
  },
  { what: 'a tick', request: ping('2026-03-01T08:10:00.123Z'), status: 200, effects: ['2026-03-01T08:10:00.123Z'] },
  {
    what: 'a tick without data',
    request: ping('2026-03-01T08:10:00Z', { body: '' }),
    status: 200,
    effects: ['2026-03-01T08:10:00.000Z'],
  },
  {
    what: 'a tick from the future, which counts as now',
    request: ping('2036-01-01T00:00:00Z'),
    status: 200,
    effects: ['2026-03-01T08:12:00.000Z'],
  },
  {
    what: 'a position, which only the connector names',
    request: event('a', { 'Junction-First': '1', 'Junction-Topic': 'readings' }),
    status: 401,
    code: 'auth',
  },
  {
    what: 'a tick by name, which only the connector brings',
    request: {
      ...event('a', { 'ce-type': 'city.junction.schedule.v1' }),
      body: '{"name":"schedule","plannedAt":"2026-03-01T08:10:00Z"}',
    },
    status: 401,
    code: 'auth',
  },
]

describe('an event function as Knative calls it', () => {
  let test: TestDatabase
  let image: Image
  const effects = async () =>
    (await test.database.query<{ what: string }>('select what from effect order by 1')).rows.map(({ what }) => what)

  beforeAll(async () => {
    test = await openWorld()
    await test.database.query('create table effect (what text)')
    image = await startImage('test/functions/clockwork', { test })
  })
  afterEach(() => empty(test))
  afterAll(async () => {
    image?.remove()
    await test.drop()
  })

  it.each(rows)('$what: $status', async ({ request, status, code, header, effects: done = [] }) => {
    const answer = await image.send(request)
    expect({ status: answer.status, body: answer.body === '' ? '' : JSON.parse(answer.body).code }).toEqual({
      status,
      body: code ?? '',
    })
    // A Broker takes whatever it is answered for an event of its own.
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('ce-'))).toEqual([])
    if (header) expect(answer.headers[header[0]]).toBe(header[1])
    expect(await effects()).toEqual(done)
    // Knative keeps what it gives up: two places of the same dead letter would be replayed twice.
    expect(await deadLetters(test)).toEqual([])
  })

  it('has no effect a second time, be it an event or a tick', async () => {
    for (const request of [event('a'), ping('2026-03-01T08:10:00Z'), event('a'), ping('2026-03-01T08:10:00Z')])
      expect(await image.send(request)).toMatchObject({ status: 200, body: '' })
    expect(await effects()).toEqual(['2026-03-01T08:10:00.000Z', 'a'])
  })

  it('leaves out a tick that comes behind a later one', async () => {
    for (const minute of ['08:10', '08:05', '08:11'])
      expect((await image.send(ping(`2026-03-01T${minute}:00Z`))).status).toBe(200)
    expect(await effects()).toEqual(['2026-03-01T08:10:00.000Z', '2026-03-01T08:11:00.000Z'])
  })

  it('takes two spellings of one id for one: percent-coded, quoted as of old, and in JSON', async () => {
    const body = reading('a')
    const structured = { 'content-type': 'application/cloudevents+json' }
    const text = `{"specversion":"1.0","id":"Euro € \\"1\\"","source":"/s","type":"${TYPE}","data":${body}}`
    const spelt = (id: string) => event('a', { 'ce-id': id, 'ce-source': '/s' })
    for (const request of [
      { headers: structured, body: text },
      spelt('Euro%20%E2%82%AC%20%221%22'),
      spelt('"Euro %E2%82%AC \\"1\\""'),
    ])
      expect((await image.send(request)).status).toBe(200)
    expect(await effects()).toEqual(['a'])
  })

  it('decodes once: what was percent-coded twice is another id', async () => {
    for (const id of ['a%20b', 'a%2520b']) expect((await image.send(event('a', { 'ce-id': id }))).status).toBe(200)
    expect(await effects()).toEqual(['a', 'a'])
  })
})
