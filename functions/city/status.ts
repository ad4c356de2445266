import type { Level } from '#shared/contracts/traffic.ts'
import type { Geometry, TrafficFeature } from '#shared/contracts/traffic-status.ts'
import type { Sql } from '#shared/state/sql.ts'
import { touches } from './geometry.ts'
import type { ForecastQuery, StatusQuery } from './query.ts'

/** A row of the view `traffic_status`: a segment and its newest window. */
export interface StatusRow {
  segment: string
  name: string | null
  geometry: Geometry | null
  level: Level
  speedKmh: number | null
  freeFlowKmh: number | null
  ratio: number | null
  jamFactor: number | null
  confidence: number | null
  windowStart: Date | null
  windowEnd: Date | null
  observedAt: Date | null
}

const SELECT = `select segment, name, geometry, level, speed_kmh::float8 as "speedKmh",
  free_flow_kmh::float8 as "freeFlowKmh", ratio::float8, jam_factor::float8 as "jamFactor", confidence::float8,
  window_start as "windowStart", window_end as "windowEnd", observed_at as "observedAt" from traffic_status`

/** Every segment, sorted by name. */
export const readStatus = async (sql: Sql): Promise<StatusRow[]> =>
  (await sql.query<StatusRow>(`${SELECT} order by segment collate "C"`)).rows

/** One segment, or undefined where there is none of that name. */
export const readSegment = async (sql: Sql, segment: string): Promise<StatusRow | undefined> =>
  (await sql.query<StatusRow>(`${SELECT} where segment = $1`, [segment])).rows[0]

/** The row as a feature; values whose newest observation is older than two windows are unknown, never shown as good. */
export function toFeature(row: StatusRow, asOf: Date, windowMs: number): TrafficFeature {
  const { segment, name, geometry, freeFlowKmh, windowStart, windowEnd, observedAt } = row
  const current = observedAt !== null && asOf.getTime() - observedAt.getTime() <= 2 * windowMs
  const known = current && row.level !== 'unknown'
  return {
    type: 'Feature',
    id: segment,
    geometry,
    properties: {
      segment,
      name,
      level: known ? row.level : 'unknown',
      speedKmh: current ? row.speedKmh : null,
      freeFlowKmh,
      ratio: known ? row.ratio : null,
      jamFactor: known ? row.jamFactor : null,
      confidence: known ? (row.confidence ?? 0) : 0,
      windowStart: windowStart?.toISOString() ?? null,
      windowEnd: windowEnd?.toISOString() ?? null,
      asOf: asOf.toISOString(),
    },
  }
}

/** The features a query asks for, and the segment behind which the next page begins. */
export const selectFeatures = (features: TrafficFeature[], { level, ...page }: StatusQuery) =>
  pageOf(level === undefined ? features : features.filter(({ properties }) => level.includes(properties.level)), page)

/** The page a query asks for of what is sorted by its segment, and the segment behind which the next one begins. */
export function pageOf<T extends { id: string; geometry: Geometry | null }>(
  all: T[],
  { bbox, after, limit }: ForecastQuery,
): { page: T[]; next: string | undefined } {
  const wanted = all.filter(
    ({ id, geometry }) =>
      (after === undefined || Buffer.compare(Buffer.from(id), Buffer.from(after)) > 0) &&
      (bbox === undefined || (geometry !== null && touches(geometry, bbox))),
  )
  const page = wanted.slice(0, limit)
  return { page, next: wanted.length > page.length ? page.at(-1)?.id : undefined }
}
