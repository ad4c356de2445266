import type { Sql } from '#shared/state/sql.ts'
import { UserError } from '../user-error.ts'

/** The clock a start asks for: the real time, or a city time of its own. */
export type WantedClock =
  | { kind: 'real' }
  /** `start` (now) and `speed` (1) rule a fresh data folder; at later starts it goes on where it was. */
  | { kind: 'database'; start: Date | undefined; speed: number | undefined }

/** The clock a data folder has. */
export interface FolderClock {
  kind: 'real' | 'database'
  /** City time at this start. */
  now: Date
  speed: number
}

interface Row {
  city: Date
  real: Date
  speed: number
  seen: Date
}

const HEARTBEAT_MS = 1000
const DEFAULT_SPEED = 1
/** A clock that runs as the real time does is kept as its row of speed 1 whose city time is the real time. */
const isReal = (row: Row): boolean => row.speed === 1 && Math.abs(row.city.getTime() - row.real.getTime()) < 60_000

/** Sets the clock of a fresh folder, or goes on with the one it has; throws UserError for another than that. */
export const openFolderClock = async (sql: Sql, wanted: WantedClock): Promise<FolderClock> => {
  const { rows } = await sql.query<Row>('select city, real, speed, seen from city_clock')
  const [row] = rows
  if (row === undefined) return makeClock(sql, wanted)
  if (isReal(row)) {
    if (wanted.kind === 'real') return { kind: 'real', now: new Date(), speed: 1 }
    throw new UserError("this data folder's clock is the real time, for life: choose another --data for a replay")
  }
  const city = new Date(row.city.getTime() + Math.max(0, row.seen.getTime() - row.real.getTime()) * row.speed)
  const has = `this data folder's clock is a replayed one at ${row.speed}×, now ${city.toISOString()}, for life`
  if (wanted.kind === 'real') throw new UserError(`${has}: give its --replay or --from again, or choose another --data`)
  if (wanted.speed !== undefined && wanted.speed !== row.speed)
    throw new UserError(`${has}: leave --speed ${wanted.speed} out, or choose another --data`)
  if (wanted.start !== undefined && wanted.start > city)
    throw new UserError(`${has}, before ${wanted.start.toISOString()}: choose another --data`)
  await sql.query('update city_clock set city = $1, real = clock_timestamp(), seen = clock_timestamp()', [city])
  return { kind: 'database', now: city, speed: row.speed }
}

const makeClock = async (sql: Sql, wanted: WantedClock): Promise<FolderClock> => {
  const now = (wanted.kind === 'real' ? undefined : wanted.start) ?? new Date()
  const speed = wanted.kind === 'real' ? 1 : (wanted.speed ?? DEFAULT_SPEED)
  await sql.query('insert into city_clock (city, speed) values ($1, $2)', [now, speed])
  return { kind: wanted.kind, now, speed }
}

/**
 * Keeps in `seen` how far the clock may have been read, so that it never goes back: one beat ahead while the runtime
 * lives, for it may be killed at any time; exact once stopped.
 */
export const startHeartbeat = (sql: Sql, onError: (error: Error) => void): (() => Promise<void>) => {
  const write = (aheadMs: number) =>
    sql.query(`update city_clock set seen = clock_timestamp() + $1 * interval '1 ms'`, [aheadMs])
  let beating: Promise<unknown> | undefined
  // One at a time: a late one would undo the last.
  const beat = () => {
    beating ??= write(2 * HEARTBEAT_MS)
      .catch(onError)
      .finally(() => {
        beating = undefined
      })
  }
  beat()
  const timer = setInterval(beat, HEARTBEAT_MS)
  return async () => {
    clearInterval(timer)
    await beating
    await write(0).catch(onError)
  }
}
