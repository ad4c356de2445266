import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { detectCongestion } from '#functions/detect-congestion/handler.ts'
import { keepHealth } from '#functions/detect-congestion/sensors.ts'
import type { AcceptedReading } from '#shared/contracts/reading.ts'
import type { TopicName } from '#shared/contracts/topics.ts'
import type { ConsumedEvent, UnitContext } from '#shared/function/define.ts'
import { loadNetwork } from '#shared/state/network.ts'
import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { clear, congestion, networkOf, oracleStates, reading, START, WINDOW } from './harness.ts'

const roads = Array.from({ length: 12 }, (_, i) => ({
  segment: `s${i}`,
  devices: [`left${i}`, `right${i}`],
  freeFlowKmh: 100,
}))

// A fixed sequence, so that a failure comes again.
const sequence = (seed: number) => () => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}
const shuffle = <T>(list: T[], random: () => number): T[] =>
  list
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)

/** Without the lock: so many units have kept their readings, and none has committed, when the first looks at its windows. */
function meetingBeforeTheyEvaluate(units: number) {
  const definition = detectCongestion({ lockSegments: async () => {}, keepHealth })
  let meet = () => {}
  const met = new Promise<void>((resolve) => {
    meet = resolve
  })
  const waiting = (sql: Sql): Sql => ({
    async query<Row>(text: string, values?: unknown[]) {
      if (!/^\s*insert/.test(text) && text.includes('from window_reading')) {
        if (--units === 0) meet()
        await met
      }
      return sql.query<Row>(text, values)
    },
  })
  return {
    ...definition,
    onEvents: (events: ConsumedEvent<TopicName>[], context: UnitContext) =>
      definition.onEvents?.(events, { ...context, sql: waiting(context.sql) }) ?? Promise.resolve(undefined),
  }
}

describe('concurrent units', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase({ max: 8 })
    await transaction(test.database, (sql) => loadNetwork(sql, networkOf(roads)))
  })
  beforeEach(() => clear(test.database))
  afterAll(() => test.drop())

  const cityNow = START + 40 * WINDOW

  async function twoPartitions(each: number, everyMs: number) {
    // Each device is read from its own side, so that the two sides meet in every window.
    const side = (name: string) =>
      Array.from({ length: each }, (_, i) =>
        reading({ device: `${name}0`, t: i * everyMs + (name === 'left' ? 0 : 500), speed: 20 + ((i * 37) % 90) }),
      )
    const run = congestion(test.database)
    run.clock.now = cityNow
    const queues = [side('left'), side('right')]
    const given = queues.flat()
    const worker = async (queue: AcceptedReading[]) => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) await run.unit([one])
    }
    await Promise.all([...queues, ...queues, ...queues].map(worker))
    await run.alarms()
    return { states: await run.states(), expected: oracleStates(given, roads, cityNow) }
  }

  it('two devices of one segment in two partitions, 1,000 units: the states of the oracle', async () => {
    const { states, expected } = await twoPartitions(500, 6000)
    expect(expected).toHaveLength(11)
    expect(states).toEqual(expected)
  })

  it('control: without the lock on segments the same units lose readings', async () => {
    const run = congestion(test.database, meetingBeforeTheyEvaluate(2))
    run.clock.now = cityNow
    const first = reading({ device: 'left0', t: 0, speed: 20 })
    const left = reading({ device: 'left0', t: 60_000, speed: 30 })
    const right = reading({ device: 'right0', t: 60_500, speed: 90 })
    await congestion(test.database, detectCongestion()).unit([first])
    await Promise.all([run.unit([left]), run.unit([right])])
    await run.alarms()
    expect(await run.states()).not.toEqual(oracleStates([first, left, right], roads, cityNow))
  })

  it('4 shuffled slices at a time over shared rows, known and new, with alarms between: no deadlock', async () => {
    const random = sequence(11)
    const devices = [...roads.flatMap((road) => road.devices), ...Array.from({ length: 12 }, (_, i) => `new${i}`)]
    const given = Array.from({ length: 30 }, (_, k) =>
      devices.map((device) => reading({ device, t: k * WINDOW, speed: 10 + Math.floor(random() * 100), count: 6 })),
    ).flat()
    const run = congestion(test.database)
    run.clock.now = cityNow
    const slices = Array.from({ length: 4 }, () => shuffle(given, random))
    await Promise.all([
      ...slices.map(async (slice) => {
        for (let i = 0; i < slice.length; i += 100) await run.unit(slice.slice(i, i + 100))
      }),
      (async () => {
        for (let i = 0; i < 20; i++) await run.alarms()
      })(),
    ])
    await run.alarms()
    expect(await run.states()).toEqual(oracleStates(given, roads, cityNow))
    const { rows } = await test.database.query<{ n: number }>(
      'select deadlocks::int as n from pg_stat_database where datname = current_database()',
    )
    expect(rows[0]?.n).toBe(0)
  })
})
