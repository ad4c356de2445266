import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openCity, ROADS } from './city.ts'

let city: Awaited<ReturnType<typeof openCity>>
beforeAll(async () => {
  city = await openCity('2012-03-01T08:06:00Z')
  await city.database.query(ROADS)
})
afterAll(() => city.close())

const get = async (path: string) => {
  const answer = await city.app.request(path)
  return { status: answer.status, link: answer.headers.get('link'), body: (await answer.json()) as never }
}

describe('the API on PostgreSQL', () => {
  it('tells each segment its newest state, and says unknown where that is old or there is none', async () => {
    const asOf = '2012-03-01T08:06:00.000Z'
    const { body } = await get('/api/traffic-status')
    expect(body).toEqual({
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          id: 'harbor',
          geometry: {
            type: 'LineString',
            coordinates: [
              [-118.3, 34.1],
              [-118.2, 34.2],
            ],
          },
          properties: {
            segment: 'harbor',
            name: null,
            level: 'slow',
            speedKmh: 48,
            freeFlowKmh: 100,
            ratio: 0.48,
            jamFactor: 5.2,
            confidence: 0.9,
            windowStart: '2012-03-01T08:00:00.000Z',
            windowEnd: '2012-03-01T08:05:00.000Z',
            asOf,
          },
        },
        {
          type: 'Feature',
          id: 'new',
          geometry: null,
          properties: {
            segment: 'new',
            name: null,
            level: 'unknown',
            speedKmh: null,
            freeFlowKmh: null,
            ratio: null,
            jamFactor: null,
            confidence: 0,
            windowStart: null,
            windowEnd: null,
            asOf,
          },
        },
        {
          type: 'Feature',
          id: 'silent',
          geometry: { type: 'Point', coordinates: [-118.4, 34.3] },
          properties: {
            segment: 'silent',
            name: null,
            level: 'unknown',
            speedKmh: null,
            freeFlowKmh: 90,
            ratio: null,
            jamFactor: null,
            confidence: 0,
            windowStart: '2012-03-01T07:45:00.000Z',
            windowEnd: '2012-03-01T07:50:00.000Z',
            asOf,
          },
        },
      ],
    })
  })

  it('filters by box and level', async () => {
    const ids = async (query: string) =>
      ((await get(`/api/traffic-status?${query}`)).body as { features: { id: string }[] }).features.map(({ id }) => id)
    expect(await ids('bbox=-118.25,34.15,-118,35')).toEqual(['harbor'])
    expect(await ids('level=unknown')).toEqual(['new', 'silent'])
    expect(await ids('level=free')).toEqual([])
  })

  it('tells a segment its past, oldest first, page by page', async () => {
    const day = 'from=2012-03-01T00:00:00-08:00&to=2012-03-02T00:00:00Z'
    const early = await get('/api/traffic-status/harbor/history?from=2012-03-01T07:00:00Z&limit=2')
    expect(early.body).toEqual({
      segment: 'harbor',
      from: '2012-03-01T07:00:00.000Z',
      to: '2012-03-01T08:06:00.000Z',
      states: [
        {
          level: 'free',
          speedKmh: 90,
          freeFlowKmh: 100,
          ratio: 0.9,
          jamFactor: 1,
          confidence: 0.7,
          windowStart: '2012-03-01T07:50:00.000Z',
          windowEnd: '2012-03-01T07:55:00.000Z',
          rev: 1,
        },
        {
          level: 'heavy',
          speedKmh: 70,
          freeFlowKmh: 100,
          ratio: 0.7,
          jamFactor: 3,
          confidence: 0.7,
          windowStart: '2012-03-01T07:55:00.000Z',
          windowEnd: '2012-03-01T08:00:00.000Z',
          rev: 1,
        },
      ],
    })
    const link = /^<(\?.*)>; rel="next"$/.exec(early.link ?? '')?.[1]
    const late = await get(`/api/traffic-status/harbor/history${link}`)
    expect(late.body).toMatchObject({ states: [{ level: 'slow', rev: 2 }] })
    expect(late.link).toBeNull()
    expect((await get(`/api/traffic-status/harbor/history?${day}`)).body).toMatchObject({ states: [{ level: 'slow' }] })
    expect((await get('/api/traffic-status/new/history')).body).toMatchObject({ states: [] })
  })

  it.each([
    "/api/traffic-status/'; drop table segment; --",
    '/api/traffic-status/harbor%00',
    '/api/traffic-status/%ed%a0%80',
    "/api/traffic-status/harbor' or 1=1/history",
    "/api/traffic-status?after=' or 1=1 --",
    "/api/traffic-status?bbox=0,0,1,1'",
    '/api/traffic-status?sort=segment;delete',
    '/api/traffic-status?bbox=-180,-90,180,90&limit=1000000000',
    '/api/traffic-status/harbor/history?from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z',
  ])('bears %s', async (path) => {
    const { status } = await get(encodeURI(path).replaceAll('%25', '%'))
    expect([200, 400, 404]).toContain(status)
    const { rows } = await city.database.query<{ n: number }>('select count(*)::int as n from segment')
    expect(rows).toEqual([{ n: 3 }])
  })
})
