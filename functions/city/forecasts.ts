import type { ForecastSource } from '#shared/contracts/forecast.ts'
import { freshFor } from '#shared/contracts/fresh-forecast.ts'
import type { Level } from '#shared/contracts/traffic.ts'
import type { SegmentForecast, SegmentOutlook } from '#shared/contracts/traffic-forecasts.ts'
import type { Geometry } from '#shared/contracts/traffic-status.ts'
import type { Sql } from '#shared/state/sql.ts'
import { readProfile } from './profile.ts'

const MINUTE = 60_000

/** A segment with its newest forecast; `windowStart` and all behind it is null where there is none. */
export interface OutlookRow {
  segment: string
  name: string | null
  geometry: Geometry | null
  freeFlowKmh: number | null
  lengthKm: number | null
  windowStart: Date | null
  madeAt: Date
  source: ForecastSource
  model: string | null
  minutes: number[]
  p10: (number | null)[] | null
  p50: number[]
  p90: (number | null)[] | null
  level: Level[]
}

const SELECT = `select s.segment, s.name, s.geometry, s.free_flow_kmh::float8 as "freeFlowKmh",
  s.length_km::float8 as "lengthKm", f.window_start as "windowStart", f.made_at as "madeAt", f.source, f.model, f.minutes,
  f.p10_kmh as p10, f.p50_kmh as p50, f.p90_kmh as p90, f.level
  from traffic_status s left join traffic_forecast f using (segment)`

/** Every segment, sorted by name. */
export const readOutlooks = async (sql: Sql): Promise<OutlookRow[]> =>
  (await sql.query<OutlookRow>(`${SELECT} order by s.segment collate "C"`)).rows

/** One segment, or undefined where there is none of that name. */
export const readOutlook = async (sql: Sql, segment: string): Promise<OutlookRow | undefined> =>
  (await sql.query<OutlookRow>(`${SELECT} where s.segment = $1`, [segment])).rows[0]

/** What is told of a segment at city time: nothing of windows that are over, nor of a forecast that has gone stale. */
export function toOutlook(row: OutlookRow, asOf: Date, windowMs: number): SegmentOutlook {
  const { segment, name, freeFlowKmh, lengthKm } = row
  return { segment, name, freeFlowKmh, lengthKm, forecast: toForecast(row, asOf.getTime(), windowMs) }
}

function toForecast(row: OutlookRow, asOf: number, windowMs: number): SegmentOutlook['forecast'] {
  const { windowStart, madeAt, source, model } = row
  if (windowStart === null || asOf - windowStart.getTime() > freshFor(windowMs)) return null
  const points = row.minutes.map((minutes, i) => ({
    minutes,
    windowStart: new Date(windowStart.getTime() + minutes * MINUTE).toISOString(),
    p10Kmh: row.p10?.[i] ?? null,
    p50Kmh: row.p50[i] as number,
    p90Kmh: row.p90?.[i] ?? null,
    level: row.level[i] as Level,
  }))
  const ahead = points.filter((point) => Date.parse(point.windowStart) + windowMs > asOf)
  if (ahead.length === 0) return null
  return { windowStart: windowStart.toISOString(), madeAt: madeAt.toISOString(), source, model, points: ahead }
}

/** The forecast beside what is usual in each of its windows. */
export async function compare(
  sql: Sql,
  { segment, forecast }: SegmentOutlook,
  { windowMs, timeZone = 'UTC' }: { windowMs: number; timeZone?: string | undefined },
): Promise<SegmentForecast['forecast']> {
  if (!forecast) return null
  const starts = forecast.points.map(({ windowStart }) => Date.parse(windowStart))
  const [from, to] = [new Date(Math.min(...starts)), new Date(Math.max(...starts) + windowMs)]
  const slots = await readProfile(sql, segment, { from, to, windowMs, timeZone })
  const usual = new Map(slots.map(({ windowStart, p50 }) => [windowStart, p50]))
  const points = forecast.points.map((point) => ({ ...point, usualKmh: usual.get(point.windowStart) ?? null }))
  return { ...forecast, points }
}
