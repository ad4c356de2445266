import { flushLimits } from '#shared/bus/group-commit.ts'
import type { BusEvent } from '#shared/bus/port.ts'
import type { Database } from '#shared/state/database.ts'
import { logAppend } from '#shared/state/log-append.ts'
import { until } from '../../e2e/runtime.ts'
import type { Bench } from '../bench.ts'
import { rawInserts } from '../raw-inserts.ts'
import { acceptedEvents } from '../readings.ts'
import type { Figure, Row } from '../row.ts'

const DETECTORS = 1_000
const ROUNDS = 100
/** All within LATE_AFTER, in three windows. */
const EVERY_MS = 6_000

/** From a full log to traffic states. */
export const logToState: Row = {
  name: 'log-to-state',
  what: `${DETECTORS * ROUNDS} readings on the log before detect-congestion is deployed, until its position is their end`,
  async measure(bench) {
    const filled = await fill(bench, acceptedEvents(DETECTORS, ROUNDS, EVERY_MS))
    const world = await bench.start('whole')
    const seconds = await drained(world.database)
    const figure: Figure = {
      name: 'log → states',
      value: (DETECTORS * ROUNDS) / seconds,
      unit: 'readings/s',
      reference: { name: 'raw INSERTs of 100', value: filled },
      aim: { of: 'value', atLeast: 20_000 },
    }
    return [figure]
  },
}

async function fill(bench: Bench, events: BusEvent[]): Promise<number> {
  const world = await bench.start('ingest')
  const reference = await rawInserts(world.database)
  for (let i = 0; i < events.length; i += flushLimits.events)
    await logAppend(world.database, events.slice(i, i + flushLimits.events))
  await world.stop()
  return reference
}

/** Seconds from the first move of the position to the end of the log. */
async function drained(database: Database): Promise<number> {
  const done = async () => {
    const { rows } = await database.query<{ done: string }>(
      `select coalesce(sum(next), 0) as done from position where consumer = 'detect-congestion' and topic = 'readings'`,
    )
    return Number(rows[0]?.done)
  }
  let first = 0
  await until('the first slice is done', async () => {
    first = await done()
    return first > 0
  })
  const began = performance.now()
  await until('the position is the end', async () => (await done()) >= DETECTORS * ROUNDS)
  return (((performance.now() - began) / 1_000) * (DETECTORS * ROUNDS)) / (DETECTORS * ROUNDS - first)
}
