import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { AcceptedReading } from '#shared/contracts/reading.ts'
import { loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import { lateReadings } from '#test/e2e/oracle.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { clear, congestion, forOracle, LATE_AFTER, networkOf, oracleStates, reading, START, WINDOW } from './harness.ts'

const roads = [
  { segment: 'a', devices: ['d1', 'd2'], freeFlowKmh: 100 },
  { segment: 'b', devices: ['d3'], freeFlowKmh: 50 },
  { segment: 'c', devices: ['d4'] },
]

// Traffic that jams and clears: a pace for every two windows, about which readings scatter, with few vehicles at times.
const WINDOWS = 30
const oneReading = fc.record({
  device: fc.constantFrom('d1', 'd1', 'd2', 'd3', 'd3', 'd3', 'd4', 'nowhere'),
  k: fc.integer({ min: 0, max: WINDOWS - 1 }),
  ms: fc.constantFrom(0, 0, 1000, WINDOW - 1),
  delay: fc.constantFrom(0, 0, 0, 0, 60_000, LATE_AFTER, LATE_AFTER + 1),
  seq: fc.constantFrom(undefined, undefined, 0, 1, 2),
  scatter: fc.option(fc.double({ min: -0.08, max: 0.08, noNaN: true }), { freq: 12 }),
  count: fc.option(fc.integer({ min: 2, max: 7 }), { nil: undefined, freq: 1 }),
  occupancy: fc.option(fc.double({ min: 0.2, max: 0.4, noNaN: true }), { nil: undefined, freq: 1 }),
})
const readings = fc
  .record({
    paces: fc.array(fc.constantFrom(0.2, 0.3, 0.45, 0.55, 0.7, 0.95), { minLength: 15, maxLength: 15 }),
    drawn: fc.array(oneReading, { minLength: 1, maxLength: 250, size: 'max' }),
  })
  .map(({ paces, drawn }) =>
    drawn.map(({ k, ms, scatter, ...rest }) => {
      const freeFlow = rest.device === 'd3' ? 50 : 100
      const speed = scatter === null ? undefined : freeFlow * ((paces[k >> 1] as number) + scatter)
      return { ...rest, t: k * WINDOW + ms, speed }
    }),
  )

describe('states and the order of readings', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase()
    await transaction(test.database, (sql) => loadNetwork(sql, networkOf(roads)))
  })
  afterAll(() => test.drop())

  it('any order, repetition and split of readings, and any pace of the clock, ends in the states of the oracle', async () => {
    await fc.assert(
      fc.asyncProperty(
        readings,
        fc.infiniteStream(fc.integer({ min: 0, max: 1_000_000 })),
        fc.integer({ min: 0, max: 45 }),
        async (specs, random, end) => {
          await clear(test.database)
          const given = specs.map(reading)
          const run = congestion(test.database)
          const next = () => random.next().value as number
          const cityNow = START + end * WINDOW + 1
          const repeated = [...given, ...given.filter(() => next() % 4 === 0)]
          const shuffled = repeated
            .map((one) => ({ one, at: next() }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one)
          while (shuffled.length > 0) {
            await run.unit(shuffled.splice(0, 1 + (next() % 40)))
            run.clock.now = Math.min(cityNow, run.clock.now + (next() % 20) * WINDOW)
            if (next() % 3 === 0) await run.alarms()
          }
          run.clock.now = cityNow
          await run.alarms()
          expect(await run.states()).toEqual(oracleStates(given, roads, cityNow))
          expect(await lateIds(test)).toEqual(ids(given))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('each event twice under two offsets leaves the same tables and outputs', async () => {
    const given = fc.sample(readings, { numRuns: 5, seed: 7 }).flat().map(reading)
    const once = await leftBehind(async (run) => run.unit(given))
    const twice = await leftBehind(async (run) => {
      await run.unit(given)
      await run.unit(given)
    })
    expect(once.outputs.length).toBeGreaterThan(100)
    expect(twice).toEqual(once)
  })

  async function leftBehind(work: (run: ReturnType<typeof congestion>) => Promise<void>) {
    await clear(test.database)
    const run = congestion(test.database)
    run.clock.now = START + 60 * WINDOW
    await work(run)
    await run.alarms()
    const rows = async (query: string) => (await test.database.query(query)).rows
    return {
      readings: await rows('select * from window_reading order by segment, "window", device, observed_at'),
      states: await rows('select * from window_state order by segment, "window"'),
      days: await rows('select segment, day, free_flow_kmh, sealed from segment_day order by segment, day'),
      segments: await rows('select * from segment order by segment'),
      sensors: await rows('select * from sensor order by device'),
      faults: await rows('select * from sensor_fault order by device, observed_at, kind'),
      outputs: await rows(`select distinct topic, key, id, encode(data, 'escape') as data from log order by id, data`),
    }
  }
})

async function lateIds(test: TestDatabase): Promise<string[]> {
  const { rows } = await test.database.query<{ id: string }>(
    `select distinct id from log where topic = 'readings.late'`,
  )
  return rows.map(({ id }) => id).sort()
}

function ids(given: AcceptedReading[]): string[] {
  const late = lateReadings(forOracle(given), LATE_AFTER)
  const idOf = (one: (typeof late)[number]) =>
    `${one.device}@${one.observedAt}${one.seq === undefined ? '' : `#${one.seq}`}`
  return [...new Set(late.map(idOf))].sort()
}
