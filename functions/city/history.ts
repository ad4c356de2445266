import type { Level } from '#shared/contracts/traffic.ts'
import type { PastState } from '#shared/contracts/traffic-status.ts'
import type { Sql } from '#shared/state/sql.ts'

/** A row of the view `traffic_history`: one window of a segment. */
interface HistoryRow {
  windowStart: Date
  windowEnd: Date
  level: Level
  speedKmh: number | null
  freeFlowKmh: number | null
  ratio: number | null
  jamFactor: number | null
  confidence: number | null
  rev: number
}

/** One page of a segment's past. */
export interface HistoryPage {
  states: PastState[]
  /** Where the next page begins; undefined on the last. */
  next: Date | undefined
}

/** The states with `from` ≤ start of window < `to`, oldest first. */
export async function readHistory(
  sql: Sql,
  segment: string,
  { from, to, limit }: { from: Date; to: Date; limit: number },
): Promise<HistoryPage> {
  const { rows } = await sql.query<HistoryRow>(
    `select window_start as "windowStart", window_end as "windowEnd", level, speed_kmh::float8 as "speedKmh",
       free_flow_kmh::float8 as "freeFlowKmh", ratio::float8, jam_factor::float8 as "jamFactor", confidence::float8,
       rev::int from traffic_history
     where segment = $1 and window_start >= $2 and window_start < $3 order by window_start limit $4`,
    [segment, from, to, limit + 1],
  )
  return { states: rows.slice(0, limit).map(toState), next: rows[limit]?.windowStart }
}

const toState = (row: HistoryRow): PastState => ({
  level: row.level,
  speedKmh: row.speedKmh,
  freeFlowKmh: row.freeFlowKmh,
  ratio: row.ratio,
  jamFactor: row.jamFactor,
  confidence: row.confidence ?? 0,
  windowStart: row.windowStart.toISOString(),
  windowEnd: row.windowEnd.toISOString(),
  rev: row.rev,
})
