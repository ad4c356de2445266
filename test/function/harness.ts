import { pino } from 'pino'
import { realClock } from '#shared/clock.ts'
import type { FunctionDefinition } from '#shared/function/define.ts'
import type { ReceivedEvent } from '#shared/function/receive.ts'
import type { Slice, SliceTools } from '#shared/function/slice-work.ts'
import { runUnit } from '#shared/function/unit.ts'
import type { Database } from '#shared/state/database.ts'

const MINUTE = 60_000

/** What a slice of readings is worked with in these tests. */
export function toolsFor(
  definition: FunctionDefinition,
  database: Database,
  more: Partial<SliceTools> = {},
): SliceTools {
  return {
    definition,
    host: {
      consumer: definition.name,
      version: 'test',
      database,
      clock: realClock,
      settings: {
        windowMs: 5 * MINUTE,
        lateAfterMs: 15 * MINUTE,
        silentAfterMs: 15 * MINUTE,
        acceptPastMs: 1,
        acceptFutureMs: 1,
      },
      log: pino({ level: 'silent' }),
    },
    runUnit,
    signal: new AbortController().signal,
    ...more,
  }
}

/** A reading as it lies on the log, a literal but for its device and place. */
export function reading(device: string, offset: number, body?: string): ReceivedEvent {
  const observedAt = '2026-03-01T08:00:00.000Z'
  return {
    topic: 'readings',
    id: `${device}@${observedAt}`,
    source: '/function/ingest',
    type: 'city.junction.readings.v1',
    partition: 0,
    offset: BigInt(offset),
    body: Buffer.from(
      body ??
        `{"device":"${device}","observedAt":"${observedAt}","measures":{"speed":50},"receivedAt":"${observedAt}","quality":{"flags":[],"confidence":1}}`,
    ),
  }
}

/** A slice of partition 0 of `readings` from an offset. */
export const sliceOf = (first: number, events: ReceivedEvent[]): Slice => ({
  log: 'postgres',
  topic: 'readings',
  partition: 0,
  first: BigInt(first),
  next: BigInt(first + events.length),
  events,
})

/** A definition that writes each event's device into table `effect`, which has no unique key. */
export function effectFunction(
  name: string,
  before: (devices: string[]) => void = () => {},
  more: Partial<FunctionDefinition> = {},
): FunctionDefinition {
  return {
    name,
    consumes: ['readings'],
    async onEvents(events, { sql }) {
      const devices = events.map(({ data }) => (data as { device: string }).device)
      await sql.query('insert into effect (device) select * from unnest($1::text[])', [devices])
      before(devices)
      return undefined
    },
    ...more,
  }
}
