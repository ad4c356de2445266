import type { Sql } from '#shared/state/sql.ts'
import { MEMORY } from './level.ts'

/** Days of segments purged in one unit at most. */
export const PURGE_CHUNK = 8

/** Real time that readings stay after the last one of their day came: longer than delivery retries an event (24 h). */
const KEEP = '2 days'

/** City time that the states of a sealed day stay: a year can be held against the one before. */
const STATES_KEPT_MS = 400 * 86_400_000

/** A day of a segment whose readings or states can go. */
export interface OldDay {
  segment: string
  /** `YYYY-MM-DD`, UTC. */
  day: string
}

/** The days behind everything that can still be evaluated in time, to which no reading came for long; at most a chunk. */
export async function oldDays(
  sql: Sql,
  now: Date,
  { windowMs, lateAfterMs }: { windowMs: number; lateAfterMs: number },
): Promise<OldDay[]> {
  const settled = new Date(now.getTime() - lateAfterMs - (MEMORY + 1) * windowMs)
  const { rows } = await sql.query<OldDay>(
    `select segment, day::text as day from segment_day
     where not sealed and day < $1::date and touched_at < now() - $2::interval order by day, segment limit ${PURGE_CHUNK}`,
    [settled.toISOString().slice(0, 10), KEEP],
  )
  return rows
}

/**
 * Purges the readings of these days and seals them: the windows stay as they are for good, a reading that still comes is
 * treated as late. Their segments must be locked.
 */
export async function purgeReadings(sql: Sql, days: OldDay[]): Promise<void> {
  if (days.length === 0) return
  const { rows } = await sql.query<OldDay>(
    `update segment_day d set sealed = true from unnest($1::text[], $2::date[]) g (segment, day)
     where d.segment = g.segment and d.day = g.day and d.touched_at < now() - $3::interval
     returning d.segment, d.day::text as day`,
    [days.map(({ segment }) => segment), days.map(({ day }) => day), KEEP],
  )
  await sql.query(
    `delete from window_reading r using unnest($1::text[], $2::date[]) g (segment, day)
     where r.segment = g.segment and r."window" >= g.day::timestamp at time zone 'utc'
       and r."window" < (g.day + 1)::timestamp at time zone 'utc'`,
    [rows.map(({ segment }) => segment), rows.map(({ day }) => day)],
  )
}

/** The sealed days whose states are kept no longer; at most a chunk. */
export async function bygoneDays(sql: Sql, now: Date): Promise<OldDay[]> {
  const { rows } = await sql.query<OldDay>(
    `select segment, day::text from segment_day where sealed and has_states and day < $1::date
     order by day, segment limit ${PURGE_CHUNK}`,
    [new Date(now.getTime() - STATES_KEPT_MS).toISOString().slice(0, 10)],
  )
  return rows
}

/** Purges the states of these days. Their segments must be locked. */
export async function purgeStates(sql: Sql, days: OldDay[]): Promise<void> {
  if (days.length === 0) return
  const given = [days.map(({ segment }) => segment), days.map(({ day }) => day)]
  await sql.query(
    `update segment_day d set has_states = false from unnest($1::text[], $2::date[]) g (segment, day)
     where d.segment = g.segment and d.day = g.day`,
    given,
  )
  await sql.query(
    `delete from window_state w using unnest($1::text[], $2::date[]) g (segment, day)
     where w.segment = g.segment and w."window" >= g.day::timestamp at time zone 'utc'
       and w."window" < (g.day + 1)::timestamp at time zone 'utc'`,
    given,
  )
}
