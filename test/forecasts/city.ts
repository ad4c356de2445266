import { pino } from 'pino'
import { predictTraffic } from '#functions/predict-traffic/handler.ts'
import type { Model } from '#models/traffic/model.ts'
import type { TrafficForecast } from '#shared/contracts/forecast.ts'
import type { HttpContext } from '#shared/function/define.ts'
import { workTick } from '#shared/function/tick-work.ts'
import { runUnit, type UnitHost } from '#shared/function/unit.ts'
import { freshDatabase } from '#test/postgres.ts'

const MINUTE = 60_000
const settings = {
  windowMs: 5 * MINUTE,
  lateAfterMs: 15 * MINUTE,
  silentAfterMs: 15 * MINUTE,
  acceptPastMs: 30 * 1440 * MINUTE,
  acceptFutureMs: 5 * MINUTE,
}

/** A speed measured on a segment in the window that begins at a time of 2 March 2026, UTC, as `07:55`. */
export type Measured = [segment: string, window: string, speed: number | null]

export const at = (time: string): string => (time.length > 8 ? time : `2026-03-02T${time}:00.000Z`)

/** A city of states, without what makes them, and predict-traffic at work in it; `clock.now` is city time. */
export async function forecastCity(model: Model, windowMs = settings.windowMs) {
  const test = await freshDatabase()
  const { database } = test
  const clock = { now: at('08:01') }
  const now = async () => new Date(clock.now)
  const [lines, gauges] = [[] as string[], new Map<string, unknown>()]
  const [counts, asked] = [new Map<string, number>(), new Map<string, number>()]
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) })
  const host: UnitHost = {
    ...{ consumer: 'predict-traffic', version: 'test', database, log },
    ...{ clock: { now }, settings: { ...settings, windowMs } },
  }
  const context = {
    ...{ sql: database, settings: host.settings, assets: '', now, log, atExit: () => {} },
    counter:
      (name: string) =>
      (n: number, source = '') => {
        const counted = name === 'forecasts_total' ? counts : asked
        counted.set(source, (counted.get(source) ?? 0) + n)
      },
    gauge: (name: string) => (values: unknown) => void gauges.set(name, values),
  } as unknown as HttpContext
  const definition = predictTraffic(async () => ({ use: async (work) => work(model), release: async () => {} }))
  await definition.onStart?.(context)
  await database.query(
    `insert into schedule (consumer, name, last) values ('predict-traffic', 'schedule', '-infinity')`,
  )

  return {
    ...{ test, database, clock, lines, counts, asked, gauges, definition, context },
    app: definition.http?.(context),
    /** Runs a tick at a time of city time; answers what it appended. */
    async tick(time: string): Promise<TrafficForecast[]> {
      clock.now = at(time)
      const before = await logEnd()
      const plannedAt = new Date(clock.now)
      const tick = { kind: 'schedule' as const, name: 'schedule', plannedAt }
      await workTick(tick, { definition, host, runUnit, signal: new AbortController().signal })
      const { rows } = await database.query<{ data: Buffer }>(
        `select data from log where topic = 'traffic.forecasts' and "offset" >= $1 order by "offset"`,
        [before],
      )
      return rows.map(({ data }) => JSON.parse(data.toString()))
    },
    segments: (...names: string[]) =>
      database.query(
        `insert into segment (segment, located_at, free_flow_kmh) select n, '-infinity', 100 from unnest($1::text[]) n`,
        [names],
      ),
    measure: (...measured: Measured[]) =>
      database.query(
        `insert into window_state (segment, "window", window_end, n, speed, level, confidence, open, rev)
         select s, w, w + $4::float8 * interval '1 ms', 1, v, 'free', 1, false, 1
         from unnest($1::text[], $2::timestamptz[], $3::float8[]) as t (s, w, v)
         on conflict (segment, "window") do update set speed = excluded.speed`,
        [
          measured.map(([segment]) => segment),
          measured.map(([, window]) => at(window)),
          measured.map(([, , speed]) => speed),
          windowMs,
        ],
      ),
  }

  async function logEnd(): Promise<string> {
    const { rows } = await database.query<{ end: string }>(
      `select next_offset as end from log_partition where topic = 'traffic.forecasts'`,
    )
    return rows[0]?.end ?? '0'
  }
}

/** The twelve windows up to one that begins at `HH:MM` of 2 March 2026, all of one speed. */
export const hour = (segment: string, last: string, speed: number): Measured[] =>
  Array.from({ length: 12 }, (_, lag) => [
    segment,
    new Date(Date.parse(at(last)) - lag * 5 * MINUTE).toISOString(),
    speed,
  ])
