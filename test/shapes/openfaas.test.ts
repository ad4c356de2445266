import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { TestDatabase } from '../postgres.ts'
import { type Image, type ShapeRequest, startImage } from './image.ts'
import { deadLetters, empty, openWorld } from './world.ts'

const reading = (device: string) =>
  `{"device":"${device}","observedAt":"2026-03-01T08:01:00.000Z","measures":{"speed":50},"receivedAt":"2026-03-01T08:01:00.000Z","quality":{"flags":[],"confidence":1}}`
const ofConnector = (topic: string, body?: string, more: Record<string, string> = {}): ShapeRequest => ({
  headers: { 'X-Connector': 'connector-sdk', 'X-Topic': topic, ...more },
  ...(body === undefined ? {} : { body }),
})
/** The cron connector sends no body and no time. */
const cron = (more: Record<string, string> = {}) =>
  ofConnector('cron-function', undefined, { 'X-Connector': 'cron-connector', ...more })

interface Row {
  what: string
  request: ShapeRequest
  status: number
  code?: string
  effects?: string[]
  /** What is buried: such a caller looks at no answer. */
  buried?: { topic: string; place: string | null; reason: string; body: string }[]
}

const buried = (topic: string, reason: string, body: string, place: string | null = null) => [
  { topic, place, reason, body },
]

const rows: Row[] = [
  { what: 'a message', request: ofConnector('readings', reading('a')), status: 200, effects: ['a'] },
  {
    what: 'a record with a key of bytes and headers of its own',
    request: ofConnector('readings', reading('a'), {
      'Content-Type': 'text/plain',
      'X-Kafka-Partition': '2',
      'X-Kafka-Offset': '9007199254740993',
      'X-Kafka-Key': '/w==',
      'X-Kafka-Key-Enc': 'b64',
      'X-Kafka-Tenant': 'east',
    }),
    status: 200,
    effects: ['a'],
  },
  { what: 'a tick', request: cron(), status: 200, effects: ['2026-03-01T08:12:00.000Z'] },
  {
    what: "a tick by Junction's connector, which says for when",
    request: cron({
      'ce-time': '2026-03-01T08:10:00Z',
      'ce-specversion': '1.0',
      'ce-type': 'city.junction.schedule.v1',
    }),
    status: 200,
    effects: ['2026-03-01T08:10:00.000Z'],
  },
  {
    what: 'poison',
    request: ofConnector('readings', reading('poison-1')),
    status: 200,
    buried: buried('readings', 'rejected_by_function', reading('poison-1')),
  },
  {
    what: 'a record that is no JSON',
    request: ofConnector('readings', '<speed>50</speed>', { 'X-Kafka-Partition': '2', 'X-Kafka-Offset': '7' }),
    status: 200,
    buried: buried('readings', 'decode', '<speed>50</speed>', '2/7'),
  },
  {
    what: 'an empty message',
    request: ofConnector('readings', ''),
    status: 200,
    buried: buried('readings', 'decode', ''),
  },
  {
    what: 'a topic it does not consume',
    request: ofConnector('parking', '{}'),
    status: 200,
    buried: buried('parking', 'validation', '{}'),
  },
  {
    what: 'attributes of somebody else’s, that begin like those of CloudEvents',
    request: ofConnector('readings', reading('a'), { 'X-Kafka-Ce_specversion': '1.0', 'X-Kafka-Ce_flavour': 'odd' }),
    status: 200,
    effects: ['a'],
  },
  { what: 'what fails for now', request: ofConnector('readings', reading('later-1')), status: 500, code: 'transient' },
  {
    what: 'what asks for patience',
    request: ofConnector('readings', reading('slower-1')),
    status: 429,
    code: 'throttled',
  },
  {
    what: 'text that faas-cli invokes it with',
    request: { headers: { 'Content-Type': 'text/plain' }, body: 'hello' },
    status: 415,
    code: 'decode',
  },
  { what: 'nothing at all', request: {}, status: 422, code: 'decode' },
]

describe("an event function as OpenFaaS's connectors call it", () => {
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

  it.each(rows)('$what: $status', async ({ request, status, code, effects: done = [], buried = [] }) => {
    const answer = await image.send(request)
    expect({ status: answer.status, code: answer.body === '' ? undefined : JSON.parse(answer.body).code }).toEqual({
      status,
      code,
    })
    expect(await effects()).toEqual(done)
    expect(await deadLetters(test)).toEqual(buried)
  })

  it('does a record once that is brought twice, and another of the same words at another place', async () => {
    const at = (offset: string) =>
      ofConnector('readings', reading('a'), { 'X-Kafka-Partition': '0', 'X-Kafka-Offset': offset })
    for (const request of [at('7'), at('7'), at('8')]) expect((await image.send(request)).status).toBe(200)
    expect(await effects()).toEqual(['a', 'a'])
  })

  it('knows a record for the event that Knative brings of it', async () => {
    const attributes = { specversion: '1.0', id: 'Zoë', source: '/s', type: 'city.junction.readings.v1' }
    const asHeaders = (prefix: string, value: (text: string) => string) =>
      Object.fromEntries(Object.entries(attributes).map(([name, text]) => [prefix + name, value(text)]))
    // Go writes a record's bytes into the header as they are.
    const bytes = (text: string) => Buffer.from(text).toString('latin1')
    const byKafka = ofConnector('readings', reading('a'), asHeaders('X-Kafka-Ce_', bytes))
    const byKnative = { headers: asHeaders('ce-', encodeURI), body: reading('a') }
    for (const request of [byKafka, byKnative]) expect((await image.send(request)).status).toBe(200)
    expect(await effects()).toEqual(['a'])
  })
})

describe('a function without a schedule', () => {
  it('refuses the ticks of a cron connector, and keeps nothing of them', async () => {
    const test = await openWorld()
    const image = await startImage('functions/detect-congestion', { test })
    try {
      const { status, body } = await image.send(cron())
      expect([status, JSON.parse(body).detail]).toEqual([422, 'detect-congestion handles no schedule'])
      expect(await deadLetters(test)).toEqual([])
    } finally {
      image.remove()
      await test.drop()
    }
  })
})
