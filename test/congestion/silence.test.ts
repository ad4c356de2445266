import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { clear, congestion, networkOf, oracleStates, reading, START, WINDOW } from './harness.ts'

const DAY = 86_400_000
const roads = [
  { segment: 'a', devices: ['d1', 'd2'], freeFlowKmh: 100 },
  { segment: 'b', devices: ['d3'], freeFlowKmh: 100 },
]

describe('detect-congestion over time', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase()
    await transaction(test.database, (sql) => loadNetwork(sql, networkOf(roads)))
  })
  beforeEach(() => clear(test.database))
  afterAll(() => test.drop())

  const query = async (text: string) => (await test.database.query(text)).rows

  it('a jam shows as congestion in its second window, while its readings come', async () => {
    const run = congestion(test.database)
    const levels: unknown[] = []
    for (const [k, speed] of [95, 95, 20, 20, 20].entries()) {
      run.clock.now = START + k * WINDOW
      await run.unit([reading({ device: 'd1', t: k * WINDOW, speed })])
      levels.push((await query(`select level from traffic_status where segment = 'a'`))[0]?.level)
    }
    expect(levels).toEqual(['free', 'free', 'slow', 'stationary', 'stationary'])
  })

  it('a segment that falls silent turns unknown three windows after its last one began, and is measured again later', async () => {
    const run = congestion(test.database)
    const given = [reading({ device: 'd1', t: 1000, speed: 50 }), reading({ device: 'd3', t: 1000, speed: 50 })]
    await run.unit(given)
    expect(await query('select at from alarm')).toEqual([{ at: new Date(START + 3 * WINDOW) }])

    run.clock.now = START + 3 * WINDOW - 1
    expect(await run.alarms()).toBe(0)
    run.clock.now = START + 3 * WINDOW
    expect(await run.alarms()).toBe(1)
    expect(await query('select segment, level, speed_kmh, rev from traffic_status order by segment')).toEqual([
      { segment: 'a', level: 'unknown', speed_kmh: null, rev: 1 },
      { segment: 'b', level: 'unknown', speed_kmh: null, rev: 1 },
    ])
    expect(await query('select at from alarm')).toEqual([])

    given.push(reading({ device: 'd1', t: WINDOW, delay: 2 * WINDOW, speed: 40 }))
    await run.unit(given.slice(-1))
    expect(await query(`select level, speed_kmh, rev from traffic_status where segment = 'a'`)).toEqual([
      { level: 'slow', speed_kmh: 40, rev: 2 },
    ])
    run.clock.now = START + 9 * WINDOW
    await run.alarms()
    expect(await run.states()).toEqual(oracleStates(given, roads, run.clock.now))
  })

  it('closes more silent segments than one unit takes', async () => {
    const run = congestion(test.database)
    const given = Array.from({ length: 1100 }, (_, i) => reading({ device: `x${i}`, t: 0, speed: 50 }))
    for (let i = 0; i < given.length; i += 400) await run.unit(given.slice(i, i + 400))
    run.clock.now = START + 3 * WINDOW
    expect(await run.alarms()).toBe(3)
    expect(await query('select count(*)::int as n from window_state where n = 0')).toEqual([{ n: 1100 }])
  })

  it('learns the free-flow speed of a day from the days before the last, once', async () => {
    const run = congestion(test.database)
    const day = (d: number, speed: (k: number) => number, windows: number) =>
      Array.from({ length: windows }, (_, k) => reading({ device: 'alone', t: d * DAY + k * WINDOW, speed: speed(k) }))
    const given = [...day(0, (k) => 1 + k, 100), ...day(1, () => 20, 5), ...day(2, () => 50, 5)]
    run.clock.now = START + 3 * DAY
    for (const one of [given.slice(0, 100), given.slice(100, 105), given.slice(105)]) await run.unit(one)
    await run.alarms()
    expect(
      await query(`select distinct free_flow_kmh from traffic_history where window_start >= '2026-03-04'
      and level <> 'unknown'`),
    ).toEqual([{ free_flow_kmh: 85 }])
    expect(await run.states()).toEqual(oracleStates(given, roads, run.clock.now))
  })

  it('purges the readings of settled days, keeps their states, and treats what still comes as late', async () => {
    const run = congestion(test.database)
    const old = reading({ device: 'd1', t: 0, speed: 50 })
    await run.unit([old])
    run.clock.now = START + 2 * DAY
    await run.alarms()
    expect(await query('select count(*)::int as n from window_reading')).toEqual([{ n: 1 }])

    await test.database.query(`update segment_day set touched_at = now() - interval '49 hours'`)
    await run.unit([reading({ device: 'd1', t: 2 * DAY, speed: 50 })])
    run.clock.now += 3 * WINDOW
    await run.alarms()
    expect(await query('select observed_at from window_reading')).toEqual([{ observed_at: new Date(START + 2 * DAY) }])
    const states = await run.states()
    await run.unit([old, reading({ device: 'd2', t: 0, speed: 10 })])
    expect(await run.states()).toEqual(states)
    expect(await query(`select key from log where topic = 'readings.late' order by key`)).toEqual([
      { key: 'd1' },
      { key: 'd2' },
    ])
  })

  it('purges the states of a sealed day after 400 days, and treats what still comes of it as late', async () => {
    const run = congestion(test.database)
    await run.unit([reading({ device: 'd1', t: 0, speed: 50 })])
    run.clock.now = START + 2 * DAY
    await run.alarms()
    await test.database.query(`update segment_day set touched_at = now() - interval '49 hours'`)
    const later = async (days: number) => {
      run.clock.now = START + days * DAY
      await run.unit([reading({ device: 'd3', t: days * DAY, speed: 50 })])
      run.clock.now += 3 * WINDOW
      await run.alarms()
      return (await query(`select count(*)::int as n from window_state where segment = 'a'`))[0]?.n
    }
    expect(await later(400)).toBeGreaterThan(0)
    expect(await later(402)).toBe(0)
    expect(await query(`select sealed, has_states from segment_day where segment = 'a'`)).toEqual([
      { sealed: true, has_states: false },
    ])
    await run.unit([reading({ device: 'd1', t: 1000, speed: 50 })])
    expect(await query(`select 1 from window_state where segment = 'a'`)).toEqual([])
    expect(await query(`select key from log where topic = 'readings.late'`)).toEqual([{ key: 'd1' }])
    expect(await query(`select 1 from window_state where segment = 'b'`)).not.toEqual([])
  })

  it('gives an unmapped device the place of its earliest reading, and drops its segment once a network maps it', async () => {
    const run = congestion(test.database)
    const at = (t: number, x: number) => ({
      ...reading({ device: 'van', t, speed: 50 }),
      location: { type: 'Point' as const, coordinates: [x, 50] as [number, number] },
    })
    await run.unit([at(2000, 2)])
    await run.unit([reading({ device: 'van', t: 0, speed: 50 }), at(1000, 1), at(3000, 3)])
    const place = `select geometry from traffic_status where segment = 'van'`
    expect(await query(place)).toEqual([{ geometry: { type: 'Point', coordinates: [1, 50] } }])
    await transaction(test.database, (sql) =>
      loadNetwork(sql, networkOf([{ segment: 'b', devices: ['d3', 'van'], freeFlowKmh: 100 }])),
    )
    expect(await query(place)).toEqual([])
  })
})
