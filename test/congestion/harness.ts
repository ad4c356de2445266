import { pino } from 'pino'
import { detectCongestion } from '#functions/detect-congestion/handler.ts'
import type { Network } from '#shared/contracts/network.ts'
import { type AcceptedReading, readingId } from '#shared/contracts/reading.ts'
import { workTick } from '#shared/function/tick-work.ts'
import { runUnit, type UnitHost } from '#shared/function/unit.ts'
import type { Database } from '#shared/state/database.ts'
import { transaction } from '#shared/state/transaction.ts'
import { type ExpectedState, expectedStates, type OracleNetwork, type OracleReading } from '#test/e2e/oracle.ts'

export const WINDOW = 300_000
export const LATE_AFTER = 900_000
export const START = Date.parse('2026-03-02T06:00:00Z')

const settings = {
  windowMs: WINDOW,
  lateAfterMs: LATE_AFTER,
  silentAfterMs: LATE_AFTER,
  acceptPastMs: 30 * 86_400_000,
  acceptFutureMs: WINDOW,
}

/** A reading as ingest accepts it; `t` and `delay` are milliseconds from START and from the observation. */
export interface Spec {
  device: string
  t: number
  delay?: number
  seq?: number | undefined
  speed?: number | undefined
  count?: number | undefined
  occupancy?: number | undefined
}

export function reading({ device, t, delay = 0, seq, ...values }: Spec): AcceptedReading {
  const measures = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  return {
    device,
    observedAt: new Date(START + t).toISOString(),
    receivedAt: new Date(START + t + delay).toISOString(),
    ...(seq === undefined ? {} : { seq }),
    measures: measures as Record<string, number>,
    quality: { flags: [], confidence: 1 },
  }
}

/** The same readings as the oracle takes them. */
export const forOracle = (readings: AcceptedReading[]): OracleReading[] =>
  readings.map(({ measures, ...rest }) => ({ ...rest, ...measures }))

export const networkOf = (roads: OracleNetwork): Network => ({
  type: 'FeatureCollection',
  features: roads.map(({ segment, devices, freeFlowKmh }, i) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [i / 100, 50] },
    properties: { segment, devices, ...(freeFlowKmh === undefined ? {} : { freeFlowKmh }) },
  })),
})

/** Runs detect-congestion's units on a database; `clock.now` is city time in milliseconds. */
export function congestion(database: Database, definition = detectCongestion()) {
  const clock = { now: START }
  const host: UnitHost = {
    consumer: definition.name,
    version: 'test',
    database,
    clock: { now: async () => new Date(clock.now) },
    settings,
    log: pino({ level: 'silent' }),
  }
  const signal = new AbortController().signal

  async function unit(readings: AcceptedReading[]): Promise<void> {
    const events = readings.map((data) => ({ topic: 'readings', id: readingId(data), source: 's', type: 't', data }))
    const run: Parameters<typeof runUnit>[1]['run'] = async (given, context) =>
      definition.onEvents?.(given as never, context)
    await runUnit(host, { events, deadLetters: [], run, signal })
  }

  /** Runs the alarms that are due until none is; answers how many. One that a unit asks for again meanwhile stays due. */
  async function alarms(): Promise<number> {
    for (let done = 0; ; ) {
      const { rows } = await database.query<{ at: Date }>('select at from alarm where at <= $1 order by at limit 1', [
        new Date(clock.now),
      ])
      if (rows[0] === undefined) return done
      const call = { kind: 'alarm' as const, name: 'alarm', plannedAt: rows[0].at, id: 'a' }
      const tools = { definition, host, runUnit, signal }
      try {
        await workTick(call as Parameters<typeof workTick>[0], tools)
        done++
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'JN001') throw error
      }
    }
  }
  return { clock, unit, alarms, states: () => storedStates(database) }
}

/** The rows of window_state in the oracle's form and order. */
async function storedStates(database: Database): Promise<ExpectedState[]> {
  const { rows } = await database.query<Record<string, unknown> & { window: Date; observedAt: Date | null }>(
    `select segment, "window", n, level, speed as "speedKmh", free_flow_kmh as "freeFlowKmh", ratio, confidence,
       observed_at as "observedAt" from window_state order by segment, "window"`,
  )
  return rows.map(({ window, observedAt, ...row }) => ({
    ...(row as unknown as ExpectedState),
    windowStart: window.toISOString(),
    observedAt: observedAt?.toISOString() ?? null,
  }))
}

export const oracleStates = (readings: AcceptedReading[], roads: OracleNetwork, cityNow: number): ExpectedState[] =>
  expectedStates(forOracle(readings), roads, { cityNow, windowMs: WINDOW, lateAfterMs: LATE_AFTER })

/** Empties what units leave behind, the network stays. */
export async function clear(database: Database): Promise<void> {
  await transaction(database, (sql) =>
    sql.query('truncate window_reading, window_state, segment_day, sensor, sensor_fault, alarm, log'),
  )
}
