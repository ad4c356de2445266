import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ForecastAccuracy, SegmentForecast, TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import { openCity, ROADS } from './city.ts'
import { FORECASTS, SCORES } from './forecast-rows.ts'

let city: Awaited<ReturnType<typeof openCity>>
beforeAll(async () => {
  city = await openCity('2012-03-01T08:06:00Z')
  await city.database.query(ROADS)
  await city.database.query(FORECASTS)
  await city.database.query(SCORES)
})
afterAll(() => city.close())

const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await city.app.request(path, { headers })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
}
const POINT = {
  minutes: 15,
  windowStart: '2012-03-01T08:15:00.000Z',
  p10Kmh: 40,
  p50Kmh: 55,
  p90Kmh: 70,
  level: 'slow',
}
const LATER = {
  ...{ minutes: 60, windowStart: '2012-03-01T09:00:00.000Z', p10Kmh: 50.5, p50Kmh: 65, p90Kmh: 80, level: 'heavy' },
}
const MADE = {
  ...{ windowStart: '2012-03-01T08:00:00.000Z', madeAt: '2012-03-01T08:06:00.000Z', source: 'model', model: 'f00d' },
}

describe('GET /api/traffic-forecasts', () => {
  it('tells the newest forecast of each segment, and null where it is stale or there is none', async () => {
    const { status, headers, body } = await get('/api/traffic-forecasts')
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('public, max-age=1')
    expect(headers.get('as-of')).toBe('2012-03-01T08:06:00.000Z')
    expect(TrafficForecasts.parse(body)).toEqual({
      asOf: '2012-03-01T08:06:00.000Z',
      segments: [
        {
          ...{ segment: 'harbor', name: 'Harbor Road', freeFlowKmh: 100, lengthKm: 1.5 },
          forecast: { ...MADE, points: [POINT, LATER] },
        },
        { segment: 'new', name: null, freeFlowKmh: null, lengthKm: null, forecast: null },
        { segment: 'silent', name: null, freeFlowKmh: 90, lengthKm: null, forecast: null },
      ],
    })
  })

  it('is cut as the list of states is', async () => {
    const names = ({ body }: Awaited<ReturnType<typeof get>>) =>
      TrafficForecasts.parse(body).segments.map(({ segment }) => segment)
    const first = await get('/api/traffic-forecasts?limit=2')
    expect(names(first)).toEqual(['harbor', 'new'])
    const link = /^<(\?.*)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1]
    const second = await get(`/api/traffic-forecasts${link}`)
    expect([names(second), second.headers.get('link')]).toEqual([['silent'], null])
    expect(names(await get('/api/traffic-forecasts?bbox=-118.25,34.15,-118,35'))).toEqual(['harbor'])
  })

  it('is told again only when it changes: by time alone, too', async () => {
    const tag = (await get('/api/traffic-forecasts')).headers.get('etag') ?? ''
    const later = async (now: string) => {
      city.clock.now = now
      return get('/api/traffic-forecasts', { 'if-none-match': tag })
    }
    const same = await later('2012-03-01T08:07:00Z')
    expect([same.status, same.headers.get('as-of')]).toEqual([304, '2012-03-01T08:07:00.000Z'])
    const stale = await later('2012-03-01T08:15:00.001Z')
    city.clock.now = '2012-03-01T08:06:00Z'
    expect(stale.status).toBe(200)
    expect(TrafficForecasts.parse(stale.body).segments.map(({ forecast }) => forecast)).toEqual([null, null, null])
  })

  it.each(['level=slow', 'limit=0', 'bbox=1', 'hours=1', 'after=%00'])('refuses %s', async (query) => {
    const { status, body } = await get(`/api/traffic-forecasts?${query}`)
    expect([status, body.code]).toEqual([400, 'invalid'])
  })
})

describe('GET /api/traffic-status/{segment}/forecast', () => {
  it('puts what is usual beside what is expected, where three earlier days know it', async () => {
    const { headers, body } = await get('/api/traffic-status/harbor/forecast')
    expect(headers.get('cache-control')).toBe('public, max-age=1')
    expect(SegmentForecast.parse(body)).toEqual({
      ...{ segment: 'harbor', name: 'Harbor Road', freeFlowKmh: 100, lengthKm: 1.5, asOf: '2012-03-01T08:06:00.000Z' },
      forecast: {
        ...MADE,
        points: [
          { ...POINT, usualKmh: 70 },
          { ...LATER, usualKmh: null },
        ],
      },
    })
    const again = await get('/api/traffic-status/harbor/forecast', { 'if-none-match': headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
  })

  it.each(['silent', 'new'])('says that nothing is known of %s', async (segment) => {
    expect(SegmentForecast.parse((await get(`/api/traffic-status/${segment}/forecast`)).body).forecast).toBeNull()
  })

  it.each(['nowhere', 'harbor%00', 'x'.repeat(129)])('knows no segment %s', async (segment) => {
    const { status, body } = await get(`/api/traffic-status/${segment}/forecast`)
    expect([status, body.code]).toEqual([404, 'not_found'])
  })
})

describe('GET /api/forecast-accuracy', () => {
  const accuracy = async (query = '') => ForecastAccuracy.parse((await get(`/api/forecast-accuracy${query}`)).body)

  it('tells errors by horizon over the hours asked for and the begun one, the model’s beside what simpler ones would have been in its place', async () => {
    expect(await accuracy('?hours=2')).toEqual({
      asOf: '2012-03-01T08:06:00.000Z',
      from: '2012-03-01T06:00:00.000Z',
      horizons: [
        {
          ...{ minutes: 15, n: 4, maeKmh: 3, rmseKmh: Math.sqrt(46 / 4), coverage: 2 / 3, widthKmh: 14 },
          sources: { model: 0.75, profile: 0.25, persistence: 0 },
          model: { n: 3, maeKmh: 7 / 3, rmseKmh: Math.sqrt(21 / 3) },
          persistence: { n: 3, maeKmh: 14 / 3, rmseKmh: Math.sqrt(68 / 3) },
          profile: { n: 3, maeKmh: 12 / 3, rmseKmh: Math.sqrt(90 / 3) },
        },
        {
          ...{ minutes: 60, n: 1, maeKmh: 8, rmseKmh: 8, coverage: null, widthKmh: null },
          sources: { model: 0, profile: 0, persistence: 1 },
          ...{ model: null, persistence: null, profile: null },
        },
      ],
    })
  })

  it('looks at a day unless told, and at nothing older than asked', async () => {
    const horizons = async (query?: string) => (await accuracy(query)).horizons.map(({ minutes, n }) => [minutes, n])
    expect((await accuracy()).from).toBe('2012-02-29T08:00:00.000Z')
    const all = [
      [15, 4],
      [30, 1],
      [60, 1],
    ]
    expect(await horizons()).toEqual(all)
    expect(await horizons('?hours=2160')).toEqual(all)
    expect(await horizons('?hours=1')).toEqual([
      [15, 3],
      [60, 1],
    ])
  })

  it('names no horizon where nothing was scored', async () => {
    city.clock.now = '2012-03-09T08:06:00Z'
    const later = await accuracy()
    city.clock.now = '2012-03-01T08:06:00Z'
    expect(later.horizons).toEqual([])
  })

  it.each(['hours=0', 'hours=2161', 'hours=24h', 'hours=', 'hours=1&hours=2', 'days=1'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await get(`/api/forecast-accuracy?${query}`)
      expect([status, body.code]).toEqual([400, 'invalid'])
    },
  )
})

describe('each of them', () => {
  it.each(['/api/traffic-forecasts', '/api/traffic-status/harbor/forecast', '/api/forecast-accuracy'])(
    '%s answers HEAD as GET, without a body',
    async (path) => {
      const answer = await city.app.request(path, { method: 'HEAD' })
      expect([answer.status, await answer.text()]).toEqual([200, ''])
      expect(answer.headers.get('etag')).toBe((await city.app.request(path)).headers.get('etag'))
    },
  )
})
