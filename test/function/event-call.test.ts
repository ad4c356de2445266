import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { PermanentError, RetryableError, ThrottledError } from '#shared/function/errors.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { type EventServer, KEYS, serveEvents } from './event-server.ts'
import { effectFunction } from './harness.ts'

const DATA = (device: string) =>
  `{"device":"${device}","observedAt":"2026-03-01T08:00:00.000Z","measures":{"speed":50},"receivedAt":"2026-03-01T08:00:00.000Z","quality":{"flags":[],"confidence":1}}`
const TYPE = 'city.junction.readings.v1'
const INVOKE = { Authorization: `Bearer ${KEYS.invoke}` }
const CONNECTOR = { Authorization: `Bearer ${KEYS.connector}` }

const structured = (device: string, id = device) =>
  `{"specversion":"1.0","id":"${id}","source":"/s","type":"${TYPE}","data":${DATA(device)}}`
const binary = (id: string) => ({
  'ce-specversion': '1.0',
  'ce-id': id,
  'ce-source': '/s',
  'ce-type': TYPE,
  'Content-Type': 'application/json',
})
const STRUCTURED = { 'Content-Type': 'application/cloudevents+json' }

describe('a call without a position', () => {
  let test: TestDatabase
  let server: EventServer
  beforeAll(async () => {
    // All take turns on one row, and whoever waits for a connection gives up after seconds.
    test = await freshDatabase({ max: 40 })
    await test.database.query('create table effect (device text)')
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    await test.database.query('truncate effect, dead_letter, position, inbox, alarm, log cascade')
    server = await serveEvents(
      effectFunction('f', (devices) => {
        if (devices.includes('absent')) throw new PermanentError('no such street', { status: 404 })
        if (devices.includes('permanent')) throw new PermanentError('not for us')
        if (devices.includes('retryable')) throw new RetryableError('later', { retryAfterMs: 3000 })
        if (devices.includes('throttled')) throw new ThrottledError('slower')
        if (devices.includes('unmigrated'))
          throw Object.assign(new Error('relation "vault" does not exist'), { code: '42P01' })
        if (devices.includes('broken')) throw new Error('select secret from vault')
      }),
      test.database,
    )
  })
  afterEach(() => server.close())

  const effects = async () =>
    (await test.database.query<{ device: string }>('select device from effect order by 1')).rows.map(
      ({ device }) => device,
    )

  it('is answered 200 with nothing in it, in every form of a CloudEvent', async () => {
    const answers = [
      await server.post(structured('a'), { ...INVOKE, ...STRUCTURED }),
      await server.post(DATA('b'), { ...INVOKE, ...binary('b') }),
      await server.post(`[${structured('c')},${structured('d')}]`, {
        ...INVOKE,
        'Content-Type': 'application/cloudevents-batch+json',
      }),
      await server.post(DATA('e'), {
        ...INVOKE,
        'X-Topic': 'readings',
        'X-Kafka-Partition': '1',
        'X-Kafka-Offset': '7',
      }),
    ]
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(4).fill([200, '']))
    expect(await effects()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('has one effect when it comes 100 times at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => server.post(structured('same'), { ...INVOKE, ...STRUCTURED })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200))
    expect(await effects()).toEqual(['same'])
  })

  it('needs a credential: 401 without, or with a wrong one', async () => {
    expect((await server.post(structured('a'), STRUCTURED)).status).toBe(401)
    expect((await server.post(structured('a'), { ...STRUCTURED, Authorization: 'Bearer guess' })).status).toBe(401)
    expect(await effects()).toEqual([])
  })

  it('does not claim the same event for another principal', async () => {
    await server.post(structured('a'), { ...INVOKE, ...STRUCTURED })
    await server.post(structured('a'), { ...CONNECTOR, ...STRUCTURED })
    expect(await effects()).toEqual(['a', 'a'])
  })

  it('has by the connector the marker it would have in a slice', async () => {
    await server.post(structured('a'), { ...CONNECTOR, ...STRUCTURED })
    // The first 16 bytes of SHA-256('/s#a').
    expect((await test.database.query('select id from inbox')).rows).toEqual([
      { id: 'ee27500a-7847-4571-8adb-0eee7645b5a3' },
    ])
  })

  it.each([
    ['permanent', 422, 'permanent'],
    ['absent', 422, 'permanent'],
    ['retryable', 500, 'transient'],
    ['throttled', 429, 'throttled'],
    ['broken', 500, 'unexpected'],
    ['unmigrated', 500, 'configuration'],
  ])('that fails as %s is answered %i, leaves nothing and tells no detail', async (device, status, code) => {
    const answer = await server.post(structured(device), { ...INVOKE, ...STRUCTURED })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.parse(answer.body)).toMatchObject({ status, code })
    expect(answer.body).not.toContain('vault')
    expect(await effects()).toEqual([])
    expect((await test.database.query('select 1 from inbox')).rows).toEqual([])
    expect((await test.database.query('select 1 from dead_letter')).rows).toEqual([])
  })

  it('that fails for good becomes a dead letter and 200 where the caller ignores statuses', async () => {
    const headers = { ...INVOKE, 'X-Topic': 'readings', 'X-Kafka-Partition': '0', 'X-Kafka-Offset': '3' }
    expect((await server.post(DATA('permanent'), headers)).status).toBe(200)
    expect((await server.post('{"device":', { ...headers, 'X-Kafka-Offset': '4' })).status).toBe(200)
    expect((await server.post('', { ...headers, 'X-Kafka-Offset': '5' })).status).toBe(200)
    expect((await server.post('{"id":', { ...headers, ...STRUCTURED, 'X-Kafka-Offset': '6' })).status).toBe(200)
    const { rows } = await test.database.query('select event_id, reason from dead_letter order by event_id')
    expect(rows).toEqual([
      { event_id: 'readings/0/3', reason: 'rejected_by_function' },
      { event_id: 'readings/0/4', reason: 'decode' },
      { event_id: 'readings/0/5', reason: 'decode' },
      { event_id: 'readings/0/6', reason: 'decode' },
    ])
  })

  it('is refused if it is of a topic the function does not consume', async () => {
    const late = structured('a').replace(TYPE, 'city.junction.readings.late.v1')
    const answer = await server.post(late, { ...INVOKE, ...STRUCTURED })
    expect([answer.status, JSON.parse(answer.body).errors]).toEqual([
      422,
      [{ path: '/0', message: 'f does not consume readings.late' }],
    ])
    expect(await effects()).toEqual([])
  })

  it('goes by the topic it names where its type is none of ours, as that of a dead letter does', async () => {
    const raw = structured('a').replace(TYPE, 'raw')
    const named = raw.replace('"type"', '"junctiontopic":"traffic-data","type"')
    const answer = await server.post(named, { ...INVOKE, ...STRUCTURED })
    expect(JSON.parse(answer.body).errors).toEqual([{ path: '/0', message: 'f does not consume traffic-data' }])
    expect(JSON.parse((await server.post(raw, { ...INVOKE, ...STRUCTURED })).body).detail).toContain('no topic')
  })

  it('may be a batch of which some are refused: the good ones are done, the others named', async () => {
    const batch = `[${structured('a')},${structured('permanent')},${structured('b')}]`
    const answer = await server.post(batch, { ...INVOKE, 'Content-Type': 'application/cloudevents-batch+json' })
    expect(answer.status).toBe(422)
    expect(JSON.parse(answer.body).errors).toEqual([{ path: '/1', message: 'not for us' }])
    expect(await effects()).toEqual(['a', 'b'])
  })

  it('is never taken for the connector: positions, alarms and schedules want its token', async () => {
    const slice = {
      ...INVOKE,
      'Junction-First': '0',
      'Junction-Next': '1',
      'Junction-Topic': 'readings',
      'Junction-Partition': '0',
      'Junction-Sizes': '1:1',
    }
    expect((await server.post('[{"a":1}]', slice)).status).toBe(401)
    const alarm = { ...INVOKE, ...binary('f/alarm'), 'ce-type': 'city.junction.alarm.v1' }
    expect((await server.post('{"name":"alarm","plannedAt":"2026-03-01T08:00:00.000Z"}', alarm)).status).toBe(401)
  })
})

describe('an alarm', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase()
    await test.database.query('create table effect (device text)')
  })
  afterAll(() => test.drop())

  it('is done once, however often it is brought, and may ask for the next', async () => {
    const planned = new Date('2026-03-01T08:00:00.000Z')
    const next = new Date('2026-03-01T09:00:00.000Z')
    await test.database.query('insert into alarm values ($1, $2)', ['f', planned])
    const f = effectFunction('f', undefined, {
      async onAlarm({ plannedAt }, { sql }) {
        await sql.query('insert into effect values ($1)', [plannedAt.toISOString()])
        return { wakeAt: next }
      },
    })
    const server = await serveEvents(f, test.database)
    const headers = { ...CONNECTOR, ...binary('f/alarm@2026-03-01T08:00:00.000Z'), 'ce-type': 'city.junction.alarm.v1' }
    const call = () => server.post(`{"name":"alarm","plannedAt":"${planned.toISOString()}"}`, headers)
    const answers = [await call(), await call(), ...(await Promise.all([call(), call()]))]
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, '{}'],
      ...Array(3).fill([200, '{"moved":true}']),
    ])
    expect((await test.database.query('select device from effect')).rows).toEqual([{ device: planned.toISOString() }])
    expect((await test.database.query('select at from alarm')).rows).toEqual([{ at: next }])
    await server.close()
  })

  it('that fails for good is 422, whatever the handler would say over HTTP', async () => {
    const f = effectFunction('f', undefined, {
      onAlarm: () => Promise.reject(new PermanentError('no such street', { status: 404 })),
    })
    const server = await serveEvents(f, test.database)
    await test.database.query(`insert into alarm values ('f', '2026-03-01T08:00:00.000Z')`)
    const headers = { ...CONNECTOR, ...binary('f/alarm'), 'ce-type': 'city.junction.alarm.v1' }
    const answer = await server.post('{"name":"alarm","plannedAt":"2026-03-01T08:00:00.000Z"}', headers)
    expect(answer.status).toBe(422)
    await server.close()
  })
  it('tells the connector, and so the operator, which table is missing', async () => {
    const f = effectFunction('f', undefined, {
      async onAlarm(_alarm, { sql }) {
        await sql.query('select * from total')
        return undefined
      },
    })
    const server = await serveEvents(f, test.database)
    await test.database.query(`insert into alarm values ('f', '2026-03-01T08:00:00.000Z') on conflict do nothing`)
    const headers = { ...CONNECTOR, ...binary('f/alarm'), 'ce-type': 'city.junction.alarm.v1' }
    const answer = await server.post('{"name":"alarm","plannedAt":"2026-03-01T08:00:00.000Z"}', headers)
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 500,
      code: 'configuration',
      detail: 'relation "total" does not exist',
    })
    await server.close()
  })
})
