import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import type { Caller, OutputEvent } from '#shared/function/define.ts'
import { ID, ingest, NOW, reading, send } from '#test/ingest/app.ts'

const failing = (error: object) => ({
  emit: async () => {
    throw Object.assign(new Error('no'), error)
  },
})
const key: Caller = { role: 'device', key: '0123456789', devices: ['loop-773869', 'loop-2'] }
const down = failing({ code: '57P03' })

describe('one reading', () => {
  it('is accepted in canonical units under its derived id', async () => {
    const { post, emitted } = ingest()
    expect(await post(JSON.stringify(reading))).toMatchObject({ status: 202, json: { id: ID } })
    expect(emitted).toEqual([
      {
        topic: 'readings',
        data: {
          device: 'loop-773869',
          observedAt: '2012-03-01T08:00:00.000Z',
          seq: 17,
          measures: { speed: 64.37376, count: 12 },
          receivedAt: NOW,
          quality: { flags: [], confidence: 1 },
          original: { speed: { value: 40, unit: 'HM' } },
        },
      },
    ])
  })

  it('is accepted again under the same id when sent again', async () => {
    const { post } = ingest()
    await post(JSON.stringify(reading))
    expect(await post(JSON.stringify(reading))).toMatchObject({ status: 202, json: { id: ID } })
  })

  it.each([
    ['an unknown field', { ...reading, role: 'admin' }, '/role'],
    ['no zone', { ...reading, observedAt: '2012-03-01T00:00:00' }, '/observedAt'],
    ['a date that does not exist', { ...reading, observedAt: '2012-02-30T00:00:00Z' }, '/observedAt'],
    ['an unknown unit', { ...reading, units: { speed: 'MPH' } }, '/units/speed'],
    ['a number', 12, ''],
    ['null', null, ''],
  ])('is refused with %s', async (_name, value, path) => {
    const { post, emitted } = ingest()
    const answer = await post(JSON.stringify(value), { 'x-call-id': 'call-1' })
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid', instance: 'call-1', errors: [{ path }] } })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(emitted).toEqual([])
  })

  it.each([
    ['30 days and a bit ago', '2012-01-31T08:00:59.999Z', 400],
    ['just within 30 days', '2012-01-31T08:01:00.000Z', 202],
    ['just within 5 minutes ahead', '2012-03-01T08:06:00.000Z', 202],
    ['a bit further ahead', '2012-03-01T08:06:00.001Z', 400],
  ])('observed %s', async (_name, observedAt, status) => {
    const answer = await send({ ...reading, observedAt })
    expect(answer.status).toBe(status)
    if (status === 400) {
      expect(answer.json.code).toBe('time_out_of_range')
      expect(answer.json.detail).toMatch(
        /^is more than (30d \(ACCEPT_PAST\) before|5m \(ACCEPT_FUTURE\) after) city time/,
      )
    }
  })

  it('is asked for where the body is empty', async () => {
    const answer = await ingest().post('')
    expect(answer).toMatchObject({ status: 400, json: { detail: expect.stringContaining('the body is empty: send') } })
  })

  it('is answered 503 with Retry-After when nothing can be stored', async () => {
    const answer = await send(reading, {}, down)
    expect(answer).toMatchObject({ status: 503, json: { code: 'transient' } })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  })

  it('is answered 503 with Retry-After where too much waits to be stored', async () => {
    const answer = await send(reading, {}, failing({ name: 'Overloaded', code: 'throttled' }))
    expect(answer).toMatchObject({ status: 503, json: { code: 'throttled' } })
    expect(answer.headers.get('retry-after')).toBe('1')
  })
})

describe('history', () => {
  it('has no past limit, counts as received when observed, and is flagged', async () => {
    const { post, emitted } = ingest()
    const old = { ...reading, observedAt: '1999-01-01T00:00:00Z' }
    expect(await post(JSON.stringify(old), {}, '/?history=true')).toMatchObject({ status: 202 })
    expect(emitted[0]?.data).toMatchObject({
      observedAt: '1999-01-01T00:00:00.000Z',
      receivedAt: '1999-01-01T00:00:00.000Z',
      quality: { flags: ['historical'] },
    })
  })

  it('may not lie in the future', async () => {
    const future = { ...reading, observedAt: '2013-01-01T00:00:00Z' }
    expect(await ingest().post(JSON.stringify(future), {}, '/?history=true')).toMatchObject({ status: 400 })
  })

  it('is for operators only', async () => {
    const answer = await ingest({ caller: key }).post(JSON.stringify(reading), {}, '/?history=true')
    expect(answer).toMatchObject({ status: 403, json: { code: 'auth' } })
  })

  it.each(['/?history=yes', '/?history=true&history=true', '/?histroy=true'])(
    'is not guessed from %s',
    async (path) => {
      expect(await ingest().post(JSON.stringify(reading), {}, path)).toMatchObject({ status: 400 })
    },
  )
})

describe('an instant of reception', () => {
  const path = '/?received=2012-03-01T07:40:00Z'

  it('takes the place of city time: in what is kept, and in what may be accepted', async () => {
    const { post, emitted } = ingest()
    expect(await post(JSON.stringify({ ...reading, observedAt: '2012-03-01T07:30:00Z' }), {}, path)).toMatchObject({
      status: 202,
    })
    expect(emitted[0]?.data).toMatchObject({ receivedAt: '2012-03-01T07:40:00.000Z', quality: { flags: [] } })
    expect(await post(JSON.stringify(reading), {}, path)).toMatchObject({
      status: 400,
      json: { code: 'time_out_of_range', errors: [{ path: '/observedAt' }] },
    })
  })

  it('is for operators only', async () => {
    const answer = await ingest({ caller: key }).post(JSON.stringify(reading), {}, path)
    expect(answer).toMatchObject({ status: 403, json: { code: 'auth' } })
  })

  it.each([
    ['/?received=2012-03-01T08:06:01Z', /^is more than 5m \(ACCEPT_FUTURE\) after city time, 2012-03-01T08:01:00/],
    ['/?received=2012-03-01T07:40:00', /^is not a date and time with a zone/],
    ['/?received=', /^is not a date and time with a zone/],
    [`${path}&received=2012-03-01T07:41:00Z`, /^stands there twice/],
    [`${path}&history=true`, /^goes not with history/],
  ])('is not guessed from %s', async (given, message) => {
    const answer = await ingest().post(JSON.stringify(reading), {}, given)
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ message: expect.stringMatching(message) }] } })
  })
})

describe('a device key', () => {
  it('speaks for each of its devices', async () => {
    expect(await send(reading, {}, { caller: key })).toMatchObject({ status: 202 })
    expect(await send([reading, { ...reading, device: 'loop-2' }], {}, { caller: key })).toMatchObject({
      json: [{ status: 202 }, { status: 202 }],
    })
  })

  it.each([
    ['another', { device: 'loop-3' }],
    ['one of a longer name', { device: 'loop-22' }],
    ['one of another case', { device: 'Loop-2' }],
    ['all', { device: '*' }],
  ])('speaks not for %s', async (_, other) => {
    const { post, emitted } = ingest({ caller: key })
    expect(await post(JSON.stringify({ ...reading, ...other }))).toMatchObject({
      status: 403,
      json: { code: 'identity_mismatch', errors: [{ path: '/device' }] },
    })
    expect(emitted).toEqual([])
  })

  it('fails its own readings not for those of others beside them', async () => {
    const { post, emitted } = ingest({ caller: key })
    const answer = await post(JSON.stringify([{ ...reading, device: 'loop-3' }, reading, { ...reading, seq: -1 }]))
    expect(answer).toMatchObject({
      status: 207,
      json: [{ index: 0, status: 403, code: 'identity_mismatch' }, { status: 202 }, { status: 400, code: 'invalid' }],
    })
    expect(emitted.map(({ data }) => (data as { device: string }).device)).toEqual(['loop-773869'])
  })

  it('nobody speaks for none', async () => {
    expect(await send(reading, {}, { caller: { role: 'anonymous' } })).toMatchObject({ status: 403 })
  })
})

describe('many readings', () => {
  it('are answered one by one, and none fails another', async () => {
    const { post, emitted } = ingest()
    const answer = await post(JSON.stringify([reading, { ...reading, seq: -1 }, { ...reading, seq: 18 }]))
    expect(answer.status).toBe(207)
    expect(answer.json).toMatchObject([
      { index: 0, status: 202, id: ID },
      { index: 1, status: 400, errors: [{ path: '/seq' }] },
      { index: 2, status: 202, id: 'loop-773869@2012-03-01T08:00:00.000Z#18' },
    ])
    expect(emitted).toHaveLength(2)
  })

  it('may come as lines, blank ones and broken ones among them', async () => {
    const body = `${JSON.stringify(reading)}\r\n\n{"broken\n${JSON.stringify(reading)}`
    const answer = await ingest().post(body, { 'content-type': 'application/x-ndjson' })
    expect(answer.status).toBe(207)
    expect(answer.json.map((item: { status: number }) => item.status)).toEqual([202, 400, 202])
  })

  it('are answered 503 only when none could be stored', async () => {
    expect((await send([reading, { bad: 1 }], {}, down)).status).toBe(503)
  })

  it('of a later group that could not be stored are 503 items', async () => {
    let calls = 0
    const emit = async () => {
      if (++calls > 1) throw Object.assign(new Error('no'), { code: '08006' })
    }
    const answer = await send(
      Array.from({ length: 2_001 }, (_, seq) => ({ ...reading, seq })),
      {},
      { emit },
    )
    expect(answer.status).toBe(207)
    expect(answer.json[999]).toMatchObject({ status: 202 })
    expect(answer.json[1000]).toMatchObject({ status: 503 })
    expect(answer.json[2000]).toMatchObject({ status: 503 })
    // The third group is not tried: it would wait as long.
    expect(calls).toBe(2)
    expect(answer.headers.get('retry-after')).toBe('1')
  })

  it('are emitted one by one when the log refuses one of them', async () => {
    const emit = async (events: OutputEvent[]) => {
      if (events.some((output) => (output.data as { seq?: number }).seq === 2))
        throw Object.assign(new Error('no'), { code: '22P05' })
    }
    const answer = await send(
      [1, 2, 3].map((seq) => ({ ...reading, seq })),
      {},
      { emit },
    )
    expect(answer.json.map((item: { status: number }) => item.status)).toEqual([202, 422, 202])
  })

  it('are at most 10,000', async () => {
    const body = gzipSync(`[${'1,'.repeat(10_000)}1]`, { level: 1 })
    const answer = await ingest().post(body, { 'content-encoding': 'gzip' })
    expect(answer).toMatchObject({ status: 413, json: { code: 'oversize' } })
  })

  it('may be none', async () => {
    expect(await send([])).toMatchObject({ status: 207, json: [] })
  })
})

describe('gzip', () => {
  it('is inflated', async () => {
    const answer = await ingest().post(gzipSync(JSON.stringify(reading)), { 'content-encoding': 'gzip' })
    expect(answer.status).toBe(202)
  })

  it('is refused when truncated', async () => {
    const body = gzipSync(JSON.stringify(reading)).subarray(0, 40)
    expect(await ingest().post(body, { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 })
  })
})

describe('the contract', () => {
  it('is served', async () => {
    const answer = await ingest().app.request('/openapi.json')
    expect(answer.status).toBe(200)
    expect(Object.keys(JSON.parse(await answer.text()).paths)).toEqual(['/', '/openapi.json'])
  })

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])('%s is answered 405 with Allow', async (method) => {
    const answer = await ingest().app.request('/', { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
  })
})
