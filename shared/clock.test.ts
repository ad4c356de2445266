import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { databaseClock, realClock } from './clock.ts'
import type { Sql } from './state/sql.ts'

const REAL = Date.parse('2026-03-01T12:00:00.000Z')

/** A `city_clock` of one row, or none, that counts how often it is read. */
const table = (row: { city: number; real: number; speed: number } | undefined) => {
  const reads = { n: 0, row }
  const sql = {
    query: async () => {
      reads.n++
      return { rows: reads.row ? [{ ...reads.row }] : [], rowCount: 1, command: 'SELECT' }
    },
  } as unknown as Sql
  return { sql, reads }
}

describe('city time', () => {
  beforeEach(() => void jest.useFakeTimers({ now: REAL + 10_000 }))
  afterEach(() => void jest.useRealTimers())

  it('is the real time unless a clock is kept', async () => {
    expect((await realClock.now()).getTime()).toBe(REAL + 10_000)
  })

  it('passes as fast as its clock says since its anchor, which is read once', async () => {
    const { sql, reads } = table({ city: Date.parse('2012-03-01T08:00:00.000Z'), real: REAL, speed: 120 })
    const clock = databaseClock(sql)
    expect((await clock.now()).toISOString()).toBe('2012-03-01T08:20:00.000Z')
    jest.setSystemTime(REAL + 20_000)
    expect((await clock.now()).toISOString()).toBe('2012-03-01T08:40:00.000Z')
    expect(reads.n).toBe(1)
  })

  it('stands where it was put at speed 0, and is read anew each time', async () => {
    const { sql, reads } = table({ city: 1000, real: REAL, speed: 0 })
    const clock = databaseClock(sql)
    expect((await clock.now()).getTime()).toBe(1000)
    reads.row = { city: 2000, real: REAL, speed: 0 }
    expect((await clock.now()).getTime()).toBe(2000)
  })

  it('is a fault of the configuration where the table is empty', async () => {
    await expect(databaseClock(table(undefined).sql).now()).rejects.toMatchObject({ code: 'configuration' })
  })
})
