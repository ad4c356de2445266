import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { detectCongestion } from '#functions/detect-congestion/handler.ts'
import { lockSegments } from '#functions/detect-congestion/segments.ts'
import { HEALTH_CHUNK, type keepHealth } from '#functions/detect-congestion/sensors.ts'
import type { AcceptedReading } from '#shared/contracts/reading.ts'
import { loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { clear, congestion, LATE_AFTER, networkOf, reading, START, WINDOW } from './harness.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const at = (t: number) => new Date(START + t)
const flagged = (one: AcceptedReading, ...flags: string[]): AcceptedReading => ({
  ...one,
  quality: { flags, confidence: 0.5 },
})
/** A reading that says nothing of traffic. */
const air = (device: string, t: number, delay = 0): AcceptedReading => ({
  ...reading({ device, t, delay }),
  measures: { pm25: 12 },
})

describe('the health of sensors', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase()
    await transaction(test.database, (sql) => loadNetwork(sql, networkOf([{ segment: 'a', devices: ['d1', 'd2'] }])))
  })
  beforeEach(() => clear(test.database))
  afterAll(() => test.drop())

  const query = async (text: string) => (await test.database.query(text)).rows
  const sensors = () => query('select * from sensor order by device')
  const faults = () => query('select device, observed_at, kind, received_at from sensor_fault order by 1, 2, 3')

  it('tells of every device when it was last heard of, whatever it measures', async () => {
    const run = congestion(test.database)
    await run.unit([reading({ device: 'd1', t: 2000, delay: 500, speed: 50 }), air('air-1', 1000, 70)])
    await run.unit([air('air-1', 3000, 5), air('lamp', 0)])
    expect(await sensors()).toEqual([
      { device: 'air-1', last_observed_at: at(3000), last_received_at: at(3005) },
      { device: 'd1', last_observed_at: at(2000), last_received_at: at(2500) },
      { device: 'lamp', last_observed_at: at(0), last_received_at: at(0) },
    ])
    expect(await faults()).toEqual([])
  })

  it('counts a reading as late or out of range once, at its first arrival', async () => {
    const run = congestion(test.database)
    await run.unit([
      air('air-1', 0, LATE_AFTER),
      air('air-1', 1000, LATE_AFTER + 9),
      air('air-1', 1000, LATE_AFTER + 1),
      flagged(reading({ device: 'd1', t: 0, delay: LATE_AFTER + 5, speed: 900 }), 'range:speed'),
      flagged(reading({ device: 'd2', t: 0, speed: 50 }), 'guessed'),
    ])
    expect(await faults()).toEqual([
      { device: 'air-1', observed_at: at(1000), kind: 'late', received_at: at(1000 + LATE_AFTER + 1) },
      { device: 'd1', observed_at: at(0), kind: 'flagged', received_at: at(LATE_AFTER + 5) },
      { device: 'd1', observed_at: at(0), kind: 'late', received_at: at(LATE_AFTER + 5) },
    ])
  })

  it('takes from history no more than that the device was there', async () => {
    const run = congestion(test.database)
    const past = flagged({ ...air('air-1', -90 * DAY), measures: { pm25: -4 } }, 'range:pm25', 'historical')
    await run.unit([past])
    expect(await sensors()).toEqual([{ device: 'air-1', last_observed_at: at(-90 * DAY), last_received_at: null }])
    await run.unit([air('air-1', 0, 3)])
    await run.unit([flagged(air('air-1', 5000), 'historical'), past])
    expect(await sensors()).toEqual([{ device: 'air-1', last_observed_at: at(5000), last_received_at: at(3) }])
    expect(await faults()).toEqual([])
  })

  it('does not call a reading late that came in time, for a day whose readings are purged', async () => {
    const run = congestion(test.database)
    await run.unit([reading({ device: 'd1', t: 0, speed: 50 })])
    await query(`update segment_day set sealed = true`)
    await run.unit([reading({ device: 'd1', t: 1000, speed: 50 })])
    expect(await query(`select key from log where topic = 'readings.late'`)).toEqual([{ key: 'd1' }])
    expect(await faults()).toEqual([])
  })

  const drawn = fc.array(
    fc.record({
      device: fc.constantFrom('d1', 'd2', 'air-1'),
      t: fc.constantFrom(0, 1, 1000, WINDOW, 3 * WINDOW),
      delay: fc.constantFrom(0, 7, LATE_AFTER, LATE_AFTER + 1, LATE_AFTER + 2),
      speed: fc.constantFrom(undefined, 40, 900),
      flags: fc.constantFrom<string[]>([], [], ['range:speed'], ['historical']),
    }),
    { minLength: 1, maxLength: 40 },
  )
  const given = drawn.map((specs) =>
    specs.map(({ flags, ...spec }) =>
      // What is given as history counts as received when it was observed.
      flagged(reading(flags.includes('historical') ? { ...spec, delay: 0 } : spec), ...flags),
    ),
  )

  /** Every order, repetition and split drawn must leave the rows that one unit leaves. */
  const property = (definition: ReturnType<typeof detectCongestion>) =>
    fc.asyncProperty(given, fc.infiniteStream(fc.nat({ max: 1_000_000 })), async (readings, random) => {
      const next = () => random.next().value as number
      const rows = async () => ({ sensors: await sensors(), faults: await faults() })
      await clear(test.database)
      await congestion(test.database, definition).unit(readings)
      const expected = await rows()
      await clear(test.database)
      const run = congestion(test.database, definition)
      const shuffled = [...readings, ...readings.filter(() => next() % 3 === 0)]
        .map((one) => ({ one, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one)
      while (shuffled.length > 0) await run.unit(shuffled.splice(0, 1 + (next() % 8)))
      expect(await rows()).toEqual(expected)
    })

  it('is the same for any order, repetition and split of readings', async () => {
    await fc.assert(property(detectCongestion()), { numRuns: 40 })
  })

  it('control: is not, where the reading that came last is believed', async () => {
    const lastWins: typeof keepHealth = async (sql, readings) => {
      const { device, observedAt, receivedAt } = readings.at(-1) as AcceptedReading
      await sql.query(
        `insert into sensor values ($1, $2, $3)
         on conflict (device) do update set (last_observed_at, last_received_at) = ($2, $3)`,
        [device, observedAt, receivedAt],
      )
      return 0
    }
    const broken = detectCongestion({ lockSegments, keepHealth: lastWins })
    await expect(fc.assert(property(broken), { numRuns: 100, seed: 3 })).rejects.toThrow(/Property failed/)
  })

  it('two partitions at a time, of the same devices in opposite order: no deadlock', async () => {
    const devices = Array.from({ length: 40 }, (_, i) => `air-${i}`)
    const worker = async (order: string[]) => {
      const run = congestion(test.database)
      for (let k = 0; k < 50; k++) await run.unit(order.map((device) => air(device, k * 1000, LATE_AFTER + 1)))
    }
    await Promise.all([worker(devices), worker(devices.toReversed()), worker(devices)])
    expect(await query('select count(*)::int as n from sensor_fault')).toEqual([{ n: 40 * 50 }])
    expect(await query('select distinct last_observed_at from sensor')).toEqual([{ last_observed_at: at(49_000) }])
  })

  it('purges faults after two days and strangers after seven, in chunks, and wakes for it though no window is open', async () => {
    const run = congestion(test.database)
    run.clock.now = START + LATE_AFTER
    const many = Array.from({ length: HEALTH_CHUNK + 10 }, (_, i) => air(`stray-${i}`, 0, LATE_AFTER + 1))
    await run.unit([...many, air('d1', 0, LATE_AFTER + 1)])
    await run.unit([air('young', DAY, LATE_AFTER + 1)])
    const midnight = new Date('2026-03-03T00:00:00Z')
    expect(await query('select at from alarm')).toEqual([{ at: midnight }])

    run.clock.now = START + 2 * DAY + 2 * LATE_AFTER
    expect(await run.alarms()).toBe(2)
    expect(await query('select device from sensor_fault')).toEqual([{ device: 'young' }])
    expect(await query('select at from alarm')).toEqual([{ at: new Date('2026-03-05T00:00:00Z') }])

    run.clock.now = START + 7 * DAY + 1
    await run.alarms()
    expect(await query('select device from sensor order by device')).toEqual([{ device: 'd1' }, { device: 'young' }])
    expect(await query('select at from alarm')).toEqual([])
  })
})
