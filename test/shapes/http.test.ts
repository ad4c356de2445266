import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { TestDatabase } from '../postgres.ts'
import { type Image, type ShapeRequest, startImage } from './image.ts'
import { appended, deadLetters, empty, openWorld } from './world.ts'

const OPERATOR = { Authorization: 'Bearer operator-secret' }
const sent = (device: string, speed: number) =>
  `{"device":"${device}","observedAt":"2026-03-01T09:01:00+01:00","measures":{"speed":${speed}}}`
const [ONE, TWO] = [sent('loop-1', 64.5), sent('loop-2', 12)]
const logged = (device: string, speed: number) => [
  'readings',
  device,
  {
    ...{ device, observedAt: '2026-03-01T08:01:00.000Z', measures: { speed } },
    receivedAt: '2026-03-01T08:12:00.000Z',
    quality: { flags: [], confidence: 1 },
    original: expect.anything(),
  },
]

const cloudEvent = (data: string, id: string) =>
  `{"specversion":"1.0","id":"${id}","source":"/loops","type":"com.example.reading","data":${data}}`
const each = (headers: Record<string, string>) => (bodies: string[]) =>
  bodies.map((body) => ({ headers: { ...OPERATOR, ...headers }, body }))
const all = (type: string, join: (bodies: string[]) => string) => (bodies: string[]) => [
  { headers: { ...OPERATOR, 'Content-Type': type }, body: join(bodies) },
]

interface Form {
  by: string
  requests(bodies: string[]): ShapeRequest[]
  status: number
}

/** The ways into the front door, which is no event function: what it accepted is 202, several have an answer each. */
const forms: Form[] = [
  { by: 'a device', requests: each({ 'Content-Type': 'application/json' }), status: 202 },
  { by: 'faas-cli invoke of an array', requests: all('application/json', (bodies) => `[${bodies}]`), status: 207 },
  { by: 'a file of lines', requests: all('application/x-ndjson', (bodies) => bodies.join('\n')), status: 207 },
  {
    by: 'a Broker of Knative, binary',
    requests: each({
      'Content-Type': 'application/json',
      'Ce-Specversion': '1.0',
      'Ce-Id': '1',
      'Ce-Source': '/loops',
      'Ce-Type': 'com.example.reading',
      Prefer: 'reply',
    }),
    status: 202,
  },
  {
    by: 'a KafkaSource of Knative, whose records name no content type',
    requests: each({
      'ce-specversion': '1.0',
      'ce-id': 'partition:0/offset:41',
      'ce-source': '/apis/v1/namespaces/city/kafkasources/loops#loops',
      'ce-type': 'dev.knative.kafka.event',
      'ce-subject': 'partition:0#41',
      prefer: 'reply',
    }),
    status: 202,
  },
  {
    by: 'a sender of CloudEvents, structured',
    requests: (bodies) =>
      each({ 'Content-Type': 'application/cloudevents+json' })(bodies.map((body, i) => cloudEvent(body, String(i)))),
    status: 202,
  },
  {
    by: 'a sender of a batch of CloudEvents',
    requests: all('application/cloudevents-batch+json', (bodies) => `[${bodies.map((body) => cloudEvent(body, '1'))}]`),
    status: 207,
  },
  {
    by: "OpenFaaS's Kafka connector",
    requests: each({
      'Content-Type': 'text/plain',
      'X-Connector': 'kafka-connector',
      'X-Topic': 'loops',
      'X-Kafka-Partition': '0',
      'X-Kafka-Offset': '41',
    }),
    status: 202,
  },
  {
    by: "OpenFaaS's NATS connector",
    requests: each({ 'X-Connector': 'connector-sdk', 'X-Topic': 'loops' }),
    status: 202,
  },
]

describe('ingest, as its image runs it', () => {
  let test: TestDatabase
  let image: Image
  beforeAll(async () => {
    test = await openWorld()
    image = await startImage('functions/ingest', { test })
  })
  afterEach(() => empty(test))
  afterAll(async () => {
    image?.remove()
    await test.drop()
  })

  it.each(forms)('puts the same readings on the log for $by', async ({ requests, status }) => {
    for (const request of requests([ONE, TWO])) {
      const answer = await image.send(request)
      expect(answer.status).toBe(status)
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('ce-'))).toEqual([])
    }
    const log = await appended(test)
    expect(log.map(([topic, key, data]) => [topic, key, { original: {}, ...(data as object) }])).toEqual(
      expect.arrayContaining([logged('loop-1', 64.5), logged('loop-2', 12)]),
    )
    expect(log).toHaveLength(2)
  })

  it.each(forms)('refuses for good what is no reading, by $by', async ({ requests, status }) => {
    for (const request of requests(['{"device":"loop-1"}'])) {
      const answer = await image.send(request)
      expect(status === 207 ? JSON.parse(answer.body)[0].status : answer.status).toBe(400)
    }
    expect(await appended(test)).toEqual([])
    expect(await deadLetters(test)).toEqual([])
  })

  it.each([
    ['text, of nobody in particular', { 'Content-Type': 'text/plain' }],
    ['what a connector calls a picture', { 'Content-Type': 'image/png', 'X-Topic': 'loops' }],
    ['what names no type, by nobody in particular', {}],
  ])('asks for a content type of %s', async (_what, headers) => {
    expect((await image.send({ headers: { ...OPERATOR, ...headers }, body: ONE })).status).toBe(415)
  })

  it('asks a platform without a key for one, once and for all', async () => {
    expect((await image.send({ headers: { 'X-Topic': 'loops' }, body: ONE })).status).toBe(401)
  })
})

describe('a handler of the official template, as its image runs it', () => {
  let test: TestDatabase
  let image: Image
  beforeAll(async () => {
    test = await openWorld()
    image = await startImage('test/functions/official-handler', { test })
  })
  afterAll(async () => {
    image?.remove()
    await test.drop()
  })

  const rows: { what: string; request: ShapeRequest; status?: number; answer?: object }[] = [
    {
      what: 'faas-cli invoke',
      request: { headers: { 'Content-Type': 'text/plain' }, body: 'hello' },
      answer: { body: 'hello' },
    },
    {
      what: 'JSON',
      request: { headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' },
      answer: { body: { a: 1 } },
    },
    {
      what: 'a form',
      request: { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'a=1&b=2' },
      answer: { body: { a: '1', b: '2' } },
    },
    {
      what: 'no content type, by a connector',
      request: { headers: { 'X-Topic': 'loops', 'X-Connector': 'connector-sdk' }, body: '{"a":1}' },
      answer: { body: '{"a":1}', topic: 'loops' },
    },
    {
      what: "the cron connector's empty body",
      request: { headers: { 'X-Topic': 'cron-function', 'X-Connector': 'cron-connector' } },
      answer: { body: '', topic: 'cron-function' },
    },
    {
      what: "one event of Junction's connector",
      request: {
        headers: {
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': 'a%20b',
          'ce-type': 't',
          'ce-source': '/topics/loops',
          'x-topic': 'loops',
        },
        body: '{"a":1}',
      },
      answer: { body: { a: 1 }, topic: 'loops', id: 'a%20b' },
    },
    {
      what: 'a query and a path',
      request: { method: 'GET', path: '/a/b?c=d' },
      answer: { method: 'GET', path: '/a/b', query: { c: 'd' } },
    },
    {
      what: 'PATCH',
      request: { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '[1]' },
      answer: { method: 'PATCH', body: [1] },
    },
    { what: 'a throw, which there is 200', request: { path: '/throws' }, status: 500 },
    { what: 'broken JSON', request: { headers: { 'Content-Type': 'application/json' }, body: '{' }, status: 500 },
  ]
  it.each(rows)('$what', async ({ request, status = 200, answer }) => {
    const got = await image.send(request)
    expect(got.status).toBe(status)
    if (answer) expect(JSON.parse(got.body)).toMatchObject(answer)
  })
})

describe('city, as its image runs it', () => {
  let test: TestDatabase
  let image: Image
  beforeAll(async () => {
    test = await openWorld()
    await test.database.query(`insert into segment (segment, located_at) values ('road-1', '-infinity')`)
    image = await startImage('functions/city', { test })
  })
  afterAll(async () => {
    image?.remove()
    await test.drop()
  })

  const rows: [string, ShapeRequest, number, string][] = [
    ['the page', { method: 'GET', path: '/' }, 200, 'text/html'],
    ['the states', { method: 'GET', path: '/api/traffic-status' }, 200, 'application/geo+json'],
    ['the states by HEAD', { method: 'HEAD', path: '/api/traffic-status' }, 200, 'application/geo+json'],
    ['an event, which it takes none of', { headers: { 'ce-specversion': '1.0' } }, 405, 'application/problem+json'],
    [
      'the operators’ side, without a key',
      { method: 'GET', path: '/api/operator/status' },
      401,
      'application/problem+json',
    ],
  ]
  it.each(rows)('%s', async (_what, request, status, type) => {
    const answer = await image.send(request)
    expect([answer.status, String(answer.headers['content-type']).split(';')[0]]).toEqual([status, type])
    if (request.path === '/api/traffic-status' && request.method === 'GET')
      expect(
        JSON.parse(answer.body).features.map(
          ({ properties }: { properties: { segment: string } }) => properties.segment,
        ),
      ).toEqual(['road-1'])
  })
})
