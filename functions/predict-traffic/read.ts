import { LAGS } from '#models/traffic/features.ts'
import type { Sql } from '#shared/state/sql.ts'

/** A segment and its last hour, or as much of it as LAGS windows are. */
export interface SegmentPast {
  segment: string
  freeFlowKmh: number | null
  /** LAGS speeds, km/h, newest last; NaN = not measured. */
  speeds: Float32Array
  /** It has its forecast from this window. */
  isMade: boolean
}

interface Row {
  segment: string
  freeFlowKmh: number | null
  ages: number[] | null
  speeds: (number | null)[] | null
  isMade: boolean
}

/** Start of the newest window that is over. */
export const newestWindow = (now: Date, windowMs: number): number =>
  Math.floor(now.getTime() / windowMs) * windowMs - windowMs

/** Reads what is known of the segments, or of those named, up to the window that starts at `base`. */
export async function readPast(
  sql: Sql,
  { base, windowMs, segments }: { base: number; windowMs: number; segments?: readonly string[] },
): Promise<SegmentPast[]> {
  const { rows } = await sql.query<Row>(
    `select s.segment, s.free_flow_kmh::float8 as "freeFlowKmh", w.ages, w.speeds,
       exists (select 1 from forecast f where f.segment = s.segment and f."window" = $1) as "isMade"
     from traffic_status s
     cross join lateral (
       select array_agg((extract(epoch from $1 - h.window_start) * 1000 / $2)::float8) as ages,
         array_agg(h.speed_kmh::float8) as speeds
       from traffic_history h
       where h.segment = s.segment and h.window_start > $1::timestamptz - $3::float8 * interval '1 ms' and h.window_start <= $1
     ) w
     where $4::text[] is null or s.segment = any($4)
     order by s.segment collate "C"`,
    [new Date(base), windowMs, LAGS * windowMs, segments ?? null],
  )
  return rows.map(({ ages, speeds, ...row }) => ({ ...row, speeds: lagsOf(ages ?? [], speeds ?? []) }))
}

// Windows that were cut otherwise, before WINDOW was changed, lie between the lags: they count for none.
function lagsOf(ages: number[], speeds: (number | null)[]): Float32Array {
  const lags = new Float32Array(LAGS).fill(Number.NaN)
  for (const [i, age] of ages.entries()) if (Number.isInteger(age)) lags[LAGS - 1 - age] = speeds[i] ?? Number.NaN
  return lags
}
