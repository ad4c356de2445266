import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import type { HttpContext } from '#shared/function/define.ts'
import { cityApi } from './api.ts'
import type { StatusRow } from './status.ts'

const roads: StatusRow[] = ['a', 'b/c', 'd'].map((segment, i) => ({
  segment,
  name: null,
  geometry: { type: 'Point', coordinates: [-118 - i, 34] },
  level: 'slow',
  speedKmh: 48,
  freeFlowKmh: 100,
  ratio: 0.48,
  jamFactor: 5.2,
  confidence: 0.9,
  windowStart: new Date('2012-03-01T08:00:00Z'),
  windowEnd: new Date('2012-03-01T08:05:00Z'),
  observedAt: new Date('2012-03-01T08:04:00Z'),
}))

function city(now = '2012-03-01T08:06:00Z') {
  const clock = { now }
  const queries: unknown[][] = []
  const sql = {
    async query<Row>(text: string, values: unknown[] = []) {
      queries.push([text, ...values])
      const wanted = /where segment = \$1/.test(text) ? roads.filter((row) => row.segment === values[0]) : roads
      const rows = (text.includes('traffic_history') ? [] : wanted) as Row[]
      return { rows, rowCount: rows.length, command: 'SELECT' }
    },
  }
  const never = () => Promise.reject(new Error('city only reads'))
  const context: HttpContext = {
    sql,
    emit: never,
    unit: never,
    tail: async function* (_topic, _from, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
    end: async () => 0n,
    now: async () => new Date(clock.now),
    settings: { windowMs: 300_000, lateAfterMs: 900_000, silentAfterMs: 900_000, acceptPastMs: 0, acceptFutureMs: 0 },
    assets: '',
    caller: async () => ({ role: 'anonymous' }),
    draining: new AbortController().signal,
    atExit: () => {},
    counter: () => () => {},
    gauge: () => () => {},
    log: pino({ level: 'silent' }),
  }
  return { app: cityApi(context), clock, queries }
}

describe('GET /api/traffic-status', () => {
  it('answers GeoJSON as of city time', async () => {
    const answer = await city().app.request('/api/traffic-status')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/geo+json')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1')
    expect(answer.headers.get('as-of')).toBe('2012-03-01T08:06:00.000Z')
    const { type, features } = (await answer.json()) as { type: string; features: { properties: object }[] }
    expect(type).toBe('FeatureCollection')
    expect(features.map(({ properties }) => properties)).toContainEqual(
      expect.objectContaining({ segment: 'b/c', level: 'slow', asOf: '2012-03-01T08:06:00.000Z' }),
    )
  })

  it('answers 304 with the new time while nothing changes, and 200 when states go stale', async () => {
    const { app, clock } = city()
    const tag = (await app.request('/api/traffic-status')).headers.get('etag') ?? ''
    const ask = () => app.request('/api/traffic-status', { headers: { 'if-none-match': tag } })
    clock.now = '2012-03-01T08:07:00Z'
    const same = await ask()
    expect([same.status, same.headers.get('as-of')]).toEqual([304, '2012-03-01T08:07:00.000Z'])
    clock.now = '2012-03-01T08:15:00Z'
    const stale = await ask()
    expect(stale.status).toBe(200)
    expect(await stale.text()).not.toContain('slow')
  })

  it('pages by a link relative to its own address', async () => {
    const { app } = city()
    const first = await app.request('/api/traffic-status?limit=1&level=slow')
    expect(first.headers.get('link')).toBe('<?limit=1&level=slow&after=a>; rel="next"')
    const second = await app.request('/api/traffic-status?limit=1&level=slow&after=a')
    expect(second.headers.get('link')).toBe('<?limit=1&level=slow&after=b%2Fc>; rel="next"')
    expect((await app.request('/api/traffic-status?after=b%2Fc')).headers.get('link')).toBeNull()
  })

  it('reads the database once for callers at the same time', async () => {
    const { app, queries } = city()
    await Promise.all(Array.from({ length: 50 }, () => app.request('/api/traffic-status')))
    expect(queries.length).toBe(1)
  })

  it.each(['limit=1000000000', 'bbox=0,0,1', 'level=good', 'sort=level', 'level=slow&level=free', '__proto__=1'])(
    'refuses ?%s as a problem that names the parameter',
    async (query) => {
      const { app, queries } = city()
      const answer = await app.request(`/api/traffic-status?${query}`, { headers: { 'x-call-id': 'call-1' } })
      expect(answer.status).toBe(400)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await answer.json()).toMatchObject({
        status: 400,
        code: 'invalid',
        instance: 'call-1',
        errors: [{ path: expect.stringContaining(`/${query.split('=')[0]}`) }],
      })
      expect(queries).toEqual([])
    },
  )
})

describe('GET /api/traffic-status/{segment}', () => {
  it('answers one feature, also for a name with a slash', async () => {
    const answer = await city().app.request('/api/traffic-status/b%2Fc')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ type: 'Feature', id: 'b/c', properties: { level: 'slow' } })
  })

  it.each(['nowhere', 'a%00', `${'x'.repeat(129)}`, '%ff', "a'--"])('knows no segment %s', async (segment) => {
    const answer = await city().app.request(`/api/traffic-status/${segment}`)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ status: 404, code: 'not_found' })
  })
})

describe('GET /api/traffic-status/{segment}/history', () => {
  it('asks for the last day of city time by default', async () => {
    const { app, queries } = city()
    const answer = await app.request('/api/traffic-status/a/history')
    expect(await answer.json()).toEqual({
      segment: 'a',
      from: '2012-02-29T08:06:00.000Z',
      to: '2012-03-01T08:06:00.000Z',
      states: [],
    })
    const [, ...values] = queries[0] ?? []
    expect(values).toEqual(['a', new Date('2012-02-29T08:06:00Z'), new Date('2012-03-01T08:06:00Z'), 1001])
  })

  it.each(['from=yesterday', 'from=2012-03-02T00:00:00Z&to=2012-03-01T00:00:00Z', 'limit=0', 'page=2'])(
    'refuses ?%s',
    async (query) => {
      const answer = await city().app.request(`/api/traffic-status/a/history?${query}`)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ errors: [{ path: `/${query.split('=')[0]}` }] })
    },
  )

  it('knows no history of an unknown segment', async () => {
    expect((await city().app.request('/api/traffic-status/nowhere/history')).status).toBe(404)
  })
})

describe('GET /api/events', () => {
  it('opens an event stream that nobody keeps', async () => {
    const answer = await city().app.request('/api/events')
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    await answer.body?.cancel()
  })

  it('refuses an id that is none of its own', async () => {
    const answer = await city().app.request('/api/events', { headers: { 'last-event-id': '1; drop table log' } })
    expect(answer.status).toBe(400)
  })

  it('opens no stream for HEAD', async () => {
    const answer = await city().app.request('/api/events', { method: 'HEAD' })
    expect([answer.status, answer.body]).toEqual([200, null])
  })
})

describe('every path', () => {
  it('is read-only', async () => {
    const answer = await city().app.request('/', { method: 'POST', body: '{}' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})
