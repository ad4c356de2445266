import type { Sql } from '#shared/state/sql.ts'
import { DAY_MS } from './calendar.ts'
import type { Grid } from './grid.ts'
import { LAGS, stepsAhead } from './window.ts'

/** What a city knows of its segments: all of them, and the speeds of its last day. */
export interface CityDay {
  segments: string[]
  /** Speeds in km/h of its last day of windows, and of what a forecast at its start is made from; none without states. */
  grid?: Omit<Grid, 'timeZone'>
}

/** Reads the last day of a city's own states. */
export const readCityDay = async (sql: Sql): Promise<CityDay> => {
  const { rows: named } = await sql.query<{ segment: string }>('select segment from traffic_status order by segment')
  const segments = named.map(({ segment }) => segment)
  const { rows } = await sql.query<{ newest: Date; step: number }>(
    `select window_start as newest, (extract(epoch from window_end - window_start) * 1000)::float8 as step
     from traffic_history order by window_start desc limit 1`,
  )
  if (rows[0] === undefined) return { segments }
  const { newest, step: stepMs } = rows[0]
  // The newest window may still change.
  const end = newest.getTime()
  const rowsOfDay = Math.floor(DAY_MS / stepMs) + LAGS - 1 + stepsAhead(stepMs)
  const start = end - rowsOfDay * stepMs
  const { rows: states } = await sql.query<{ segment: string; row: number; speed: number }>(
    `select segment, (extract(epoch from window_start - $1) * 1000 / $3)::float8 as row, speed_kmh as speed
     from traffic_history where window_start >= $1 and window_start < $2 and speed_kmh is not null`,
    [new Date(start), new Date(end), stepMs],
  )
  const place = new Map(segments.map((segment, at) => [segment, at]))
  const values = new Float32Array(rowsOfDay * segments.length).fill(Number.NaN)
  for (const { segment, row, speed } of states) {
    const at = place.get(segment)
    // Windows of another length, before WINDOW was changed, lie between the rows.
    if (at !== undefined && Number.isInteger(row)) values[row * segments.length + at] = speed
  }
  return { segments, grid: { sensors: segments, start, stepMs, rows: rowsOfDay, values } }
}
