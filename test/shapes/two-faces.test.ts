import { execFile } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { TestDatabase } from '../postgres.ts'
import { type Image, type ShapeRequest, startImage } from './image.ts'
import { deadLetters, empty, openWorld } from './world.ts'

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` })
const OPERATOR = bearer('operator-secret')
const [INVOKE, CONNECTOR] = [bearer('invoke-secret'), bearer('connector-secret')]
const JSON_TYPE = { 'Content-Type': 'application/json' }

const AT = '2026-03-01T08:10:00.000Z'
const TICK = `{"name":"schedule","plannedAt":"${AT}"}`
const binary = (type: string): Record<string, string> => ({
  ...JSON_TYPE,
  'ce-specversion': '1.0',
  'ce-id': `two-faces/schedule@${AT}`,
  'ce-source': '/s',
  'ce-type': type,
  'ce-time': AT,
})
const structured = (type: string, data: string) =>
  `{"specversion":"1.0","id":"1","source":"/s","type":"${type}","time":"${AT}","data":${data}}`
const ofConnector = binary('city.junction.schedule.v1')
const ofPing = binary('dev.knative.sources.ping')
const ofCron = { 'X-Connector': 'cron-connector', 'X-Topic': 'cron-function' }
const STRUCTURED = { 'Content-Type': 'application/cloudevents+json; charset=utf-8' }

interface Row {
  what: string
  request: ShapeRequest
  status: number
  /** Of a problem `code`, else the body. */
  answer: string
  /** The ticks that were done. */
  ticks?: string[]
}

const done = { status: 200, ticks: [AT] }
const unknown = { status: 401, answer: 'auth' }

const rows: Row[] = [
  {
    what: "a tick of Junction's connector",
    request: { headers: { ...CONNECTOR, ...ofConnector }, body: TICK },
    ...{ ...done, answer: '{}' },
  },
  { what: 'a PingSource', request: { headers: { ...INVOKE, ...ofPing }, body: '{}' }, ...{ ...done, answer: '' } },
  {
    what: 'a PingSource, structured',
    request: { headers: { ...INVOKE, ...STRUCTURED }, body: structured('dev.knative.sources.ping', '{}') },
    ...{ ...done, answer: '' },
  },
  {
    what: "OpenFaaS's cron connector",
    request: { headers: { ...INVOKE, ...ofCron } },
    ...{ status: 200, answer: '', ticks: ['2026-03-01T08:12:00.000Z'] },
  },
  {
    what: "OpenFaaS's cron connector with a body for the HTTP app",
    request: { headers: { ...INVOKE, ...ofCron, ...JSON_TYPE }, body: '{"segments":["a"]}' },
    ...{ status: 200, answer: '', ticks: ['2026-03-01T08:12:00.000Z'] },
  },
  {
    what: 'an HTTP call',
    request: { headers: { ...OPERATOR, ...JSON_TYPE }, body: '{"a":1}' },
    ...{ status: 200, answer: 'heard {"a":1}' },
  },
  {
    what: 'an HTTP call without anything',
    request: { headers: OPERATOR },
    ...{ status: 200, answer: 'heard ' },
  },
  {
    what: 'an HTTP call whose body looks like a tick',
    request: { headers: { ...OPERATOR, ...JSON_TYPE }, body: structured('city.junction.schedule.v1', TICK) },
    ...{ status: 200, answer: `heard ${structured('city.junction.schedule.v1', TICK)}` },
  },
  {
    what: 'an HTTP call to another path, dressed as a tick',
    request: { path: '/open', headers: { ...ofConnector, ...ofCron }, body: TICK },
    ...{ status: 200, answer: 'open' },
  },
  { what: 'an HTTP call by nobody', request: { headers: JSON_TYPE, body: '{}' }, ...unknown },
  {
    what: 'an HTTP call by who brings events',
    request: { headers: { ...INVOKE, ...JSON_TYPE }, body: '{}' },
    ...unknown,
  },
  {
    what: 'an HTTP call by the connector',
    request: { headers: { ...CONNECTOR, ...JSON_TYPE }, body: TICK },
    ...unknown,
  },
  { what: 'a tick by nobody', request: { headers: ofConnector, body: TICK }, ...unknown },
  { what: 'a tick by an operator', request: { headers: { ...OPERATOR, ...ofConnector }, body: TICK }, ...unknown },
  { what: 'a tick by another platform', request: { headers: { ...INVOKE, ...ofConnector }, body: TICK }, ...unknown },
  {
    what: 'a tick by another platform, structured',
    request: { headers: { ...INVOKE, ...STRUCTURED }, body: structured('city.junction.schedule.v1', TICK) },
    ...unknown,
  },
  { what: 'a trigger by an operator', request: { headers: { ...OPERATOR, ...ofCron } }, ...unknown },
  { what: 'a trigger by nobody', request: { headers: ofPing, body: '{}' }, ...unknown },
  {
    what: 'a slice, of which it takes none',
    request: { headers: { ...INVOKE, 'Junction-First': '0' }, body: '{}' },
    ...unknown,
  },
  {
    what: 'an event of a topic',
    request: { headers: { ...INVOKE, ...binary('city.junction.readings.v1') }, body: '{}' },
    ...{ status: 422, answer: 'invalid' },
  },
  {
    what: 'a connector that names no topic',
    request: { headers: { ...INVOKE, ...JSON_TYPE, 'X-Connector': 'connector-sdk' }, body: '{}' },
    ...{ status: 415, answer: 'decode' },
  },
]

describe('a function with a schedule that answers HTTP calls, too', () => {
  let test: TestDatabase
  let image: Image
  const ticks = async () =>
    (await test.database.query<{ what: string }>('select what from effect order by 1')).rows.map(({ what }) => what)

  beforeAll(async () => {
    test = await openWorld()
    await test.database.query('create table effect (what text)')
    // Who brings events shows a key here, too: were everybody let in, nothing would tell the faces apart.
    image = await startImage('test/functions/two-faces', { test, env: { EVENT_AUTH: 'key' } })
  })
  afterEach(() => empty(test))
  afterAll(async () => {
    image?.remove()
    await test.drop()
  })

  it.each(rows)('$what: $status', async ({ request, status, answer, ticks: expected = [] }) => {
    await test.database.query(
      `insert into schedule (consumer, name, last) values ('two-faces', 'schedule', '2026-03-01T08:05Z')`,
    )
    const got = await image.send(request)
    const isProblem = got.headers['content-type'] === 'application/problem+json'
    expect([got.status, isProblem ? JSON.parse(got.body).code : got.body]).toEqual([status, answer])
    expect(await ticks()).toEqual(expected)
    expect(await deadLetters(test)).toEqual([])
  })

  it('says how things stand now, and no longer how they stood', async () => {
    for (const body of ['one', 'two']) await image.send({ headers: OPERATOR, body })
    const { body } = await image.send({ method: 'GET', path: '/metrics' })
    const said = body.split('\n').filter((line) => line.startsWith('junction_test_stand{'))
    expect(said.map((line) => line.replace(/,?(function|version)="[^"]*"/g, ''))).toEqual([
      'junction_test_stand{what="two",half="first"} 1',
      'junction_test_stand{what="two",half="second"} 2.5',
    ])
  })
})

describe('a function whose start fails', () => {
  it('ends with its reason in one line', async () => {
    const env = {
      PATH: process.env.PATH,
      PORT: '0',
      HOST: '127.0.0.1',
      AUTH_MODE: 'dev',
      DATABASE_URL: 'postgres://junction@localhost/none?host=/nowhere',
      MAP_STYLE_URL: 'https://moon.example/',
    }
    const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) =>
      execFile(process.execPath, ['dist/test/functions/two-faces/index.js'], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code, said: stdout + stderr }),
      ),
    )
    expect([
      code,
      said
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ]).toEqual([
      1,
      [
        {
          level: 60,
          time: expect.any(String),
          function: 'two-faces',
          msg: 'two-faces does not start: there is no traffic on the moon',
        },
      ],
    ])
  })
})
