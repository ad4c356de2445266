import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { SensorHealthPage } from '#shared/contracts/sensor-health.ts'
import { openCity, ROADS } from './city.ts'

// City time is 08:06; silence is 15 minutes. `h1` is well, and has troubles older than a day.
const SENSORS = `
  insert into segment_device values ('h1', 'harbor'), ('h2', 'harbor'), ('n1', 'new'), ('n2', 'new'), ('n10', 'new');
  insert into segment (segment, located_at) values ('van', '2012-03-01T08:00Z');
  insert into sensor values
    ('h1', '2012-03-01T08:05Z', '2012-03-01T08:05:01Z'),
    ('h2', '2012-03-01T07:51Z', '2012-03-01T07:51:01Z'),
    ('n1', '2012-03-01T07:50:59.999Z', '2012-03-01T07:51Z'),
    ('n10', '2012-03-01T07:00Z', null),
    ('van', '2012-03-01T08:04Z', '2012-03-01T08:04Z'),
    ('air', '2012-03-01T08:04Z', '2012-03-01T08:04Z');
  insert into sensor_fault values
    ('h1', '2012-02-29T07:40Z', 'late', '2012-02-29T08:06Z'),
    ('h2', '2012-02-29T07:40Z', 'late', '2012-02-29T08:06:00.001Z'),
    ('h2', '2012-03-01T07:40Z', 'late', '2012-03-01T08:00Z'),
    ('n1', '2012-03-01T07:40Z', 'late', '2012-03-01T08:00Z'),
    ('van', '2012-03-01T07:40Z', 'flagged', '2012-03-01T07:40Z');
  insert into sensor_refusal values
    ('h1', '2012-02-28T23:00Z', 4, '2012-02-28T23:05Z', 'decode', 'unexpected end'),
    ('h1', '2012-02-29T08:00Z', 5, '2012-02-29T08:02Z', 'invalid', 'is not a number'),
    ('air', '2012-02-29T09:00Z', 2, '2012-02-29T09:30Z', 'invalid', 'is not a number'),
    ('air', '2012-03-01T08:00Z', 1, '2012-03-01T08:05Z', 'time_out_of_range', 'is after city time'),
    ('', '2012-03-01T08:00Z', 9, '2012-03-01T08:05:30Z', 'decode', 'is not JSON');`

let city: Awaited<ReturnType<typeof openCity>>
beforeAll(async () => {
  city = await openCity('2012-03-01T08:06:00Z')
  await city.database.query(ROADS)
  await city.database.query(SENSORS)
})
afterAll(() => city.close())

const get = async (query = '') => {
  const answer = await city.app.request(`/api/operator/sensors${query}`)
  const link = /^<(\?.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
  return { answer, link, page: SensorHealthPage.parse(await answer.json()) }
}
const names = ({ page }: Awaited<ReturnType<typeof get>>) => page.sensors.map(({ device }) => device)

describe('GET /api/operator/sensors', () => {
  it('tells of every sensor what is wrong with it, the troubled first, then by name', async () => {
    const { answer, page, link } = await get()
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(link).toBeUndefined()
    const { sensors, ...rest } = page
    expect(rest).toEqual({
      asOf: '2012-03-01T08:06:00.000Z',
      silentAfterMs: 900_000,
      counts: { ok: 1, silent: 3, malformed: 2, late: 2 },
      strangers: {
        refused24h: 9,
        lastRefusal: { at: '2012-03-01T08:05:30.000Z', code: 'decode', error: 'is not JSON' },
      },
    })
    expect(sensors.map(({ device, segment, states }) => [device, segment, ...states])).toEqual([
      ['n1', 'new', 'silent', 'late'],
      ['n10', 'new', 'silent'],
      ['n2', 'new', 'silent'],
      ['air', null, 'malformed'],
      ['van', 'van', 'malformed'],
      ['h2', 'harbor', 'late'],
      ['h1', 'harbor', 'ok'],
    ])
    expect(sensors.find(({ device }) => device === 'air')).toEqual({
      device: 'air',
      segment: null,
      states: ['malformed'],
      lastObservedAt: '2012-03-01T08:04:00.000Z',
      lastReceivedAt: '2012-03-01T08:04:00.000Z',
      late24h: 0,
      refused24h: 3,
      flagged24h: 0,
      lastRefusal: { at: '2012-03-01T08:05:00.000Z', code: 'time_out_of_range', error: 'is after city time' },
    })
  })

  it('calls one that the network names and nobody heard of silent since ever', async () => {
    const { page } = await get('?state=silent')
    expect(
      page.sensors.map(({ device, lastObservedAt, lastReceivedAt }) => [device, lastObservedAt, lastReceivedAt]),
    ).toEqual([
      ['n1', '2012-03-01T07:50:59.999Z', '2012-03-01T07:51:00.000Z'],
      ['n10', '2012-03-01T07:00:00.000Z', null],
      ['n2', null, null],
    ])
  })

  it('counts the last day only, and shows the last refusal for longer', async () => {
    const { page } = await get('?state=ok')
    expect(page.sensors).toEqual([
      expect.objectContaining({
        device: 'h1',
        ...{ late24h: 0, refused24h: 0, flagged24h: 0 },
        lastRefusal: { at: '2012-02-29T08:02:00.000Z', code: 'invalid', error: 'is not a number' },
      }),
    ])
    expect((await get('?state=late')).page.sensors).toMatchObject([
      { device: 'n1', late24h: 1 },
      { device: 'h2', late24h: 2 },
    ])
  })

  it('pages through all of them in order, with the same counts on each page', async () => {
    const all = await get()
    const seen: string[] = []
    for (let query: string | undefined = '?limit=2'; query !== undefined; ) {
      const one = await get(query)
      seen.push(...names(one))
      expect(one.page.counts).toEqual(all.page.counts)
      query = one.link
    }
    expect(seen).toEqual(names(all))
    const late = await get('?state=late&limit=1')
    expect(names(await get(late.link))).toEqual(['h2'])
  })

  it('answers an empty page behind the last', async () => {
    const { page, link } = await get('?after=3:zzz')
    expect([page.sensors, page.counts.ok, link]).toEqual([[], 1, undefined])
  })

  it.each(['state=broken', 'after=h1', 'after=4:h1', 'after=0:%00', 'limit=0', 'since=1'])(
    'refuses ?%s',
    async (query) => {
      const answer = await city.app.request(`/api/operator/sensors?${query}`)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
    },
  )
})
