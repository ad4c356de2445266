import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { openFolderClock, startHeartbeat } from '#runtime/up/city-clock.ts'
import type { Database } from '#shared/state/database.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

let fresh: TestDatabase
let sql: Database
beforeAll(async () => {
  fresh = await freshDatabase()
  sql = fresh.database
})
afterAll(async () => {
  await fresh.drop()
})
beforeEach(() => sql.query('delete from city_clock'))

const start = new Date('2012-03-01T08:00:00Z')
const replayed = (speed?: number) => ({ kind: 'database', start, speed }) as const
/** Puts anchor and last sighting into the past, as if the runtime had run for so long and then been down. */
const ranFor = (seconds: number) =>
  sql.query(
    `update city_clock set real = now() - interval '1 hour', seen = now() - interval '1 hour' + $1 * interval '1 s'`,
    [seconds],
  )

describe('openFolderClock', () => {
  it('starts a replayed clock at its start, and later goes on from where it was seen last', async () => {
    expect(await openFolderClock(sql, replayed(120))).toEqual({ kind: 'database', now: start, speed: 120 })
    await ranFor(10)
    const again = await openFolderClock(sql, replayed())
    expect(again.speed).toBe(120)
    expect(again.now.toISOString()).toBe('2012-03-01T08:20:00.000Z')
    const { rows } = await sql.query<{ city: Date; fresh: boolean }>(
      `select city, real > now() - interval '1 minute' as fresh from city_clock`,
    )
    expect(rows).toEqual([{ city: again.now, fresh: true }])
  })

  it('never goes back when the last sighting lies before the anchor', async () => {
    await openFolderClock(sql, replayed(120))
    await ranFor(-30)
    expect((await openFolderClock(sql, replayed(120))).now).toEqual(start)
  })

  it('refuses another clock on the same folder', async () => {
    await openFolderClock(sql, replayed(120))
    await expect(openFolderClock(sql, replayed(60))).rejects.toThrow('leave --speed 60 out, or choose another --data')
    await expect(openFolderClock(sql, { kind: 'real' })).rejects.toThrow('choose another --data')
    const later = { ...replayed(), start: new Date('2013-01-01T00:00:00Z') }
    await expect(openFolderClock(sql, later)).rejects.toThrow('choose another --data')
    await sql.query('delete from city_clock')
    await openFolderClock(sql, { kind: 'real' })
    expect((await openFolderClock(sql, { kind: 'real' })).kind).toBe('real')
    await expect(openFolderClock(sql, replayed(120))).rejects.toThrow('the real time, for life')
  })

  it('takes speed 0 as a clock stepped by hand', async () => {
    await openFolderClock(sql, replayed(0))
    await ranFor(10)
    expect((await openFolderClock(sql, replayed(0))).now).toEqual(start)
  })
})

describe('startHeartbeat', () => {
  it('is ahead of the time while it beats, exact once stopped', async () => {
    await openFolderClock(sql, replayed(120))
    const seen = async () => {
      const { rows } = await sql.query<{ ahead: number }>(
        'select extract(epoch from seen - clock_timestamp())::float8 as ahead from city_clock',
      )
      return rows[0]?.ahead ?? 0
    }
    const errors: Error[] = []
    const stop = startHeartbeat(sql, (error) => errors.push(error))
    while ((await seen()) < 0.5) await new Promise((done) => setTimeout(done, 20))
    await stop()
    expect(await seen()).toBeLessThan(0)
    expect(errors).toEqual([])
  })
})
