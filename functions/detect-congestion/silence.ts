import type { Sql } from '#shared/state/sql.ts'
import type { WindowRow } from './evaluate.ts'
import type { WindowKey } from './readings.ts'
import { writeWindows } from './windows.ts'

/** Windows closed in one unit at most. */
export const CHUNK = 500

/**
 * The window after an open one counts as silent one window after its end, three after the start of the open one: every
 * observation of that is then older than two windows, and the instant does not depend on which of them came first.
 */
const SILENT_AFTER = 3

/**
 * The instant to wake at for these open windows: the earliest that is due, or at once if one is already; then rounded down
 * to a tenth of a window, so that the units of a backlog ask for one alarm and not for one each.
 */
export function wakeFor(open: number[], now: Date, windowMs: number): Date | undefined {
  if (open.length === 0) return undefined
  const due = open.reduce((a, b) => Math.min(a, b)) + SILENT_AFTER * windowMs
  return due > now.getTime() ? new Date(due) : atOnce(now, windowMs)
}

/** An instant that is due, the same for a tenth of a window. */
export function atOnce(now: Date, windowMs: number): Date {
  const step = Math.max(1, windowMs / 10)
  return new Date(Math.floor(now.getTime() / step) * step)
}

/** The open windows whose next one counts as silent by now, oldest first, at most a chunk. */
export async function dueWindows(sql: Sql, now: Date, windowMs: number): Promise<WindowKey[]> {
  const { rows } = await sql.query<WindowKey>(
    `select segment, date_part('epoch', "window") * 1000 as "window" from window_state
     where open and "window" <= $1 order by window_state."window", segment limit ${CHUNK}`,
    [new Date(now.getTime() - SILENT_AFTER * windowMs).toISOString()],
  )
  return rows
}

/** Closes the next window of each of these, if it is still open, as unknown; their segments must be locked. */
export async function closeSilent(sql: Sql, due: WindowKey[], windowMs: number): Promise<WindowRow[]> {
  if (due.length === 0) return []
  const { rows } = await sql.query<WindowKey>(
    `update window_state w set open = false from unnest($1::text[], $2::timestamptz[]) g (segment, "window")
     where w.segment = g.segment and w."window" = g."window" and w.open
     returning w.segment, date_part('epoch', w."window") * 1000 as "window"`,
    [due.map(({ segment }) => segment), due.map(({ window }) => new Date(window).toISOString())],
  )
  const closed = rows.map(
    ({ segment, window }): WindowRow => ({
      segment,
      window: window + windowMs,
      n: 0,
      vehicles: null,
      occupancy: null,
      speed: null,
      freeFlow: null,
      ratio: null,
      level: 'unknown',
      confidence: 0,
      observedAt: null,
      open: false,
      rev: 1,
    }),
  )
  await writeWindows(sql, closed, windowMs)
  return closed
}

/** The oldest window that is still open. */
export async function oldestOpen(sql: Sql): Promise<number[]> {
  const { rows } = await sql.query<{ at: number | null }>(
    `select date_part('epoch', min("window")) * 1000 as at from window_state where open`,
  )
  return rows.flatMap(({ at }) => at ?? [])
}
