import type { Sql } from './state/sql.ts'

/** City time: what rules the acceptance range, lateness, staleness, alarms and schedules. */
export interface Clock {
  now(): Promise<Date>
}

interface Anchor {
  city: number
  real: number
  speed: number
}

/** The real time. */
export const realClock: Clock = { now: async () => new Date() }

/**
 * The clock kept in table `city_clock`: city time passes `speed` times as fast as real time since its anchor. A running
 * clock is read once, its anchor is moved by the runtime alone, at start; one of speed 0 is stepped by hand and read anew.
 */
export function databaseClock(sql: Sql): Clock {
  let running: Anchor | undefined

  async function read(): Promise<Anchor> {
    const { rows } = await sql.query<Anchor>(
      `select extract(epoch from city)::float8 * 1000 as city, extract(epoch from real)::float8 * 1000 as real, speed
       from city_clock`,
    )
    const row = rows[0]
    if (row === undefined) {
      throw Object.assign(new Error('CITY_CLOCK=database, but table city_clock is empty'), { code: 'configuration' })
    }
    return row
  }

  return {
    async now() {
      const anchor = running ?? (await read())
      if (anchor.speed > 0) running = anchor
      return new Date(Math.round(anchor.city + (Date.now() - anchor.real) * anchor.speed))
    },
  }
}

/** Opens the clock that CITY_CLOCK names. */
export const openClock = (kind: 'real' | 'database', sql: Sql): Clock =>
  kind === 'real' ? realClock : databaseClock(sql)
