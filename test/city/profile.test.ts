import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readProfile } from '#functions/city/profile.ts'
import { openCity } from './city.ts'

/** Wednesday 2026-03-11, 12:00 UTC; the two weeks before it, at 12:00 of each day: 50 km/h and one more each day. */
const PAST = `
  insert into segment (segment, located_at, name) values ('ring', '-infinity', 'Ring'), ('new', '-infinity', null),
    ('dst', '-infinity', null), ('odd', '-infinity', null);
  insert into segment_device (device, segment) values ('loop-2', 'ring'), ('loop-1', 'ring');
  insert into window_reading (segment, "window", device, observed_at, seq, speed) values
    ('ring', '2026-03-11T11:55Z', 'loop-1', '2026-03-11T11:57Z', -1, 60),
    ('ring', '2026-03-11T11:50Z', 'loop-1', '2026-03-11T11:53Z', -1, 60);
  insert into window_state (segment, "window", window_end, n, speed, free_flow_kmh, ratio, level, confidence, observed_at,
      open, rev)
    select 'ring', at, at + interval '5 min', 1, 50 + n, 100, 0.5, 'slow', 0.7, at, false, 1
    from generate_series(0, 13) n, lateral (select '2026-02-25T12:00Z'::timestamptz + n * interval '1 day' as at) g;`

let city: Awaited<ReturnType<typeof openCity>>
beforeAll(async () => {
  city = await openCity('2026-03-11T12:02:00Z')
  await city.database.query(PAST)
})
afterAll(() => city.close())

const get = async (path: string) => {
  const answer = await city.app.request(path)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('GET /api/traffic-status/{segment}/profile', () => {
  it('tells percentiles of the weekdays before, in the window of the same time', async () => {
    const { body } = await get('/api/traffic-status/ring/profile')
    // Wednesday the 25th to Tuesday the 10th without the weekends 28/1 and 7/8: n = 0 1 2 5 6 7 8 9 12 13.
    expect(body).toEqual({
      segment: 'ring',
      from: '2026-03-10T12:05:00.000Z',
      to: '2026-03-11T12:05:00.000Z',
      slots: [{ windowStart: '2026-03-11T12:00:00.000Z', p10: 50.9, p50: 56.5, p90: 62.1, days: 10 }],
    })
  })

  it('takes days of every kind where those of its own are too few', async () => {
    const { body } = await get('/api/traffic-status/ring/profile?from=2026-02-28T12:00:00Z&to=2026-02-28T12:05:00Z')
    expect(body.slots).toEqual([{ windowStart: '2026-02-28T12:00:00.000Z', p10: 50.2, p50: 51, p90: 51.8, days: 3 }])
  })

  it('says nothing where fewer than three days stand behind it', async () => {
    const { body } = await get('/api/traffic-status/ring/profile?from=2026-02-27T12:00:00Z&to=2026-02-27T12:05:00Z')
    expect(body.slots).toEqual([])
  })

  it.each(['from=2026-03-01T00:00:00Z', 'from=2026-03-12T00:00:00Z', 'to=soon', 'limit=1'])(
    'refuses %s',
    async (query) => {
      expect((await get(`/api/traffic-status/ring/profile?${query}`)).status).toBe(400)
    },
  )

  it.each(['profile', 'devices'])('knows no %s of a segment that is not there', async (what) => {
    expect((await get(`/api/traffic-status/nowhere/${what}`)).status).toBe(404)
  })
})

describe('readProfile', () => {
  const at = (text: string) => new Date(text)
  const measured = (segment: string, starts: string[], minutes: number) =>
    city.database.query(
      `insert into window_state (segment, "window", window_end, n, speed, free_flow_kmh, ratio, level, confidence,
         observed_at, open, rev)
       select $1, at, at + $3 * interval '1 min', 1, 50, 100, 0.5, 'slow', 0.7, at, false, 1
       from unnest($2::timestamptz[]) at`,
      [segment, starts, minutes],
    )

  it('counts the day on which the clocks go back once, though its hour comes twice', async () => {
    // 02:30 in Vienna on Saturday, and twice on Sunday.
    await measured('dst', ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-25T01:30Z'], 5)
    const asked = { from: at('2026-10-31T01:30Z'), to: at('2026-10-31T01:35Z'), windowMs: 300_000 }
    expect(await readProfile(city.database, 'dst', { ...asked, timeZone: 'Europe/Vienna' })).toEqual([])
    await measured('dst', ['2026-10-18T00:30Z'], 5)
    expect(await readProfile(city.database, 'dst', { ...asked, timeZone: 'Europe/Vienna' })).toEqual([
      { windowStart: '2026-10-31T01:30:00.000Z', p10: 50, p50: 50, p90: 50, days: 3 },
    ])
  })

  it('finds the windows about the same time where their length does not divide a day', async () => {
    const windowMs = 11 * 60_000
    const near = (text: string) => new Date(Math.ceil(Date.parse(text) / windowMs) * windowMs)
    const days = ['2026-03-02T12:00Z', '2026-03-03T12:00Z', '2026-03-04T12:00Z', '2026-03-05T12:00Z']
    // The 66th slot of 11 minutes from midnight on is 11:55 to 12:06: one window of each day begins in it.
    await measured(
      'odd',
      days.map((day) => near(day.replace('12:00', '11:55')).toISOString()),
      11,
    )
    const slots = await readProfile(city.database, 'odd', {
      from: near('2026-03-06T11:55Z'),
      to: near('2026-03-06T12:06Z'),
      windowMs,
      timeZone: 'UTC',
    })
    expect(slots.map(({ days: n }) => n)).toEqual([4])
  })
})

describe('GET /api/traffic-status/{segment}/devices', () => {
  it('names them with their newest readings', async () => {
    const { body } = await get('/api/traffic-status/ring/devices')
    expect(body).toEqual({
      segment: 'ring',
      devices: [
        { device: 'loop-1', observedAt: '2026-03-11T11:57:00.000Z' },
        { device: 'loop-2', observedAt: null },
      ],
    })
  })
})

describe('GET /api/settings', () => {
  it('tells the page what it has to know', async () => {
    expect((await get('/api/settings')).body).toEqual({ windowMs: 300_000, timeZone: null, mapStyleUrl: null })
  })
})
