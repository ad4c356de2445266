import type { NetworkFeature } from '#shared/contracts/network.ts'
import type { Sql } from '#shared/state/sql.ts'

/**
 * The segments that have a place, by id, each with one device of its own name: states are means over the devices of a
 * segment, so one stands for all.
 */
export async function readSegments(sql: Sql): Promise<NetworkFeature[]> {
  const { rows } = await sql.query<NetworkFeature['properties'] & { geometry: NetworkFeature['geometry'] }>(
    `select s.segment, s.name, s.geometry, s.lanes, s.length_km as "lengthKm", s.free_flow_kmh as "freeFlowKmh",
       s.neighbours, array[s.segment] as devices
     from segment s join traffic_status using (segment) where s.geometry is not null order by s.segment`,
  )
  return rows.map(({ geometry, ...told }) => ({
    type: 'Feature',
    geometry,
    properties: Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)) as typeof told,
  }))
}

/** The windows that a city has states of. */
export interface Known {
  first: Date
  /** The newest window, which may still change. */
  newest: Date
  /** Length of the newest window, ms. */
  stepMs: number
}

/** The first and the newest window; undefined in a city without states. */
export async function readKnown(sql: Sql): Promise<Known | undefined> {
  const { rows } = await sql.query<Known>(
    `select min(h.window_start) over () as first, s.window_start as newest,
       (extract(epoch from s.window_end - s.window_start) * 1000)::float8 as "stepMs"
     from traffic_status s
     cross join lateral (
       select window_start from traffic_history h where h.segment = s.segment order by window_start limit 1
     ) h
     order by s.window_start desc limit 1`,
  )
  return rows[0]
}

/** The speeds of one window in km/h to the hundredth, by the place of their segment; undefined where none was measured. */
export interface WindowSpeeds {
  at: Date
  speeds: (number | undefined)[]
}

/** Windows of how many segments are asked for at once: far below what a statement may take. */
const CHUNK = 20_000

/**
 * Reads the speeds of segments window by window, from the first that has one. Windows of another length, from before
 * WINDOW was changed, are left out.
 */
export async function* readSpeeds(
  sql: Sql,
  segments: string[],
  { from, until, stepMs }: { from: Date; until: Date; stepMs: number },
  chunk = CHUNK,
): AsyncGenerator<WindowSpeeds> {
  const place = new Map(segments.map((segment, at) => [segment, at]))
  const chunkMs = Math.max(1, Math.floor(chunk / segments.length)) * stepMs
  let begun = false
  for (let start = from.getTime(); start < until.getTime(); start += chunkMs) {
    const end = Math.min(until.getTime(), start + chunkMs)
    const { rows } = await sql.query<{ segment: string; row: number; speed: number }>(
      `select segment, (extract(epoch from window_start - $2) * 1000 / $4)::float8 as row,
         round(speed_kmh::numeric, 2)::float8 as speed
       from traffic_history
       where segment = any($1::text[]) and window_start >= $2 and window_start < $3 and speed_kmh is not null
         and window_end = window_start + $4 * interval '1 ms'`,
      [segments, new Date(start), new Date(end), stepMs],
    )
    const windows = Array.from({ length: (end - start) / stepMs }, (_, row) => ({
      at: new Date(start + row * stepMs),
      speeds: new Array<number | undefined>(segments.length).fill(undefined),
    }))
    for (const { segment, row, speed } of rows) {
      const window = windows[row]
      if (window) window.speeds[place.get(segment) as number] = speed
    }
    for (const window of windows) {
      begun ||= window.speeds.some((speed) => speed !== undefined)
      if (begun) yield window
    }
  }
}
