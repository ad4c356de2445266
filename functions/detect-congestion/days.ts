import type { Sql } from '#shared/state/sql.ts'
import { upsertMany } from '#shared/state/upsert.ts'
import { MEMORY } from './level.ts'
import type { WindowKey } from './readings.ts'

const DAY = 86_400_000
const ENOUGH_WINDOWS = 100

/** The UTC day of an instant, counted from 1970. */
const dayOf = (at: number): number => Math.floor(at / DAY)

/** What is known of the days of the segments at hand. */
export interface Days {
  /** The readings of that day's windows are purged: nothing can be added to them. */
  isSealed(segment: string, at: number): boolean
  /** The free-flow speed of the segment on that day, km/h; null where it is not known. */
  freeFlow(segment: string, at: number): number | null
}

interface DayRow {
  segment: string
  /** Counted from 1970. */
  day: number
  given: number | null
  computed: number | null
  known: boolean
  sealed: boolean
  stale: boolean
}

const key = (segment: string, day: number): string => `${day} ${segment}`

/**
 * Opens the days that the given windows touch; the segments must be locked. The free-flow speed of a day is the
 * network's, else it is computed once, at the day's first reading, from earlier days complete by then; history of those
 * days that is given afterwards does not change it.
 */
export async function openDays(sql: Sql, windows: WindowKey[], windowMs: number): Promise<Days> {
  const own = new Set<string>()
  const wanted = new Map<string, [string, number]>()
  for (const { segment, window } of windows) {
    own.add(key(segment, dayOf(window)))
    for (const day of [dayOf(window), dayOf(window + MEMORY * windowMs)]) wanted.set(key(segment, day), [segment, day])
  }
  const pairs = [...wanted.values()]
  const { rows } = await sql.query<DayRow>(
    `select s.segment, g.day, s.free_flow_kmh as given, d.free_flow_kmh as computed,
       d.segment is not null as known, coalesce(d.sealed, false) as sealed,
       coalesce(d.touched_at < now() - interval '1 hour', true) as stale
     from unnest($1::text[], $2::int[]) g (segment, day) join segment s on s.segment = g.segment
     left join segment_day d on d.segment = g.segment and d.day = date '1970-01-01' + g.day`,
    [pairs.map(([segment]) => segment), pairs.map(([, day]) => day)],
  )
  await computeFreeFlow(
    sql,
    rows.filter((row) => !row.known && row.given === null && own.has(key(row.segment, row.day))),
  )
  await upsertMany(sql, {
    table: 'segment_day',
    columns: [
      { name: 'segment', type: 'text' },
      { name: 'day', type: 'date' },
      { name: 'free_flow_kmh', type: 'float8' },
      { name: 'touched_at', type: 'timestamptz' },
    ],
    keys: 2,
    rows: rows
      .filter((row) => row.stale && !row.sealed && own.has(key(row.segment, row.day)))
      .map((row) => [row.segment, new Date(row.day * DAY).toISOString(), row.computed, 'now']),
  })
  const byKey = new Map(rows.map((row) => [key(row.segment, row.day), row]))
  return {
    isSealed: (segment, at) => byKey.get(key(segment, dayOf(at)))?.sealed ?? false,
    freeFlow(segment, at) {
      const row = byKey.get(key(segment, dayOf(at)))
      return row?.given ?? row?.computed ?? null
    },
  }
}

/** Fills in the 85th percentile of the window speeds of days D-9 to D-2: what is not late for them is in when D begins. */
async function computeFreeFlow(sql: Sql, days: DayRow[]): Promise<void> {
  if (days.length === 0) return
  const from = (day: number, back: number) => new Date((day - back) * DAY).toISOString()
  const { rows } = await sql.query<{ i: number; speed: number }>(
    `select g.i::int as i, w.speed from unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
       with ordinality g (segment, since, before, i)
     cross join lateral (
       select percentile_disc(0.85) within group (order by speed) as speed from window_state
       where segment = g.segment and "window" >= g.since and "window" < g.before and speed is not null
       having count(*) >= ${ENOUGH_WINDOWS}
     ) w`,
    [days.map(({ segment }) => segment), days.map(({ day }) => from(day, 9)), days.map(({ day }) => from(day, 1))],
  )
  for (const { i, speed } of rows) (days[i - 1] as DayRow).computed = speed
}
