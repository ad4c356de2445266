import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { classify } from '#shared/function/classify.ts'
import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

/** What PostgreSQL had sent when this was called is read once the event loop has gone round. */
const allRead = async () => {
  for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate)
}

describe('a unit whose connection is cut', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase()
    await test.database.query('create table effect (n int)')
  })
  afterAll(() => test.drop())

  const killer = async (pid: number) => {
    await test.database.query('select pg_terminate_backend($1, 5000)', [pid])
  }
  const lives = async (pid: number) =>
    (await test.database.query('select 1 from pg_stat_activity where pid = $1', [pid])).rows.length > 0
  const pidOf = async (sql: Sql) =>
    (await sql.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid as number

  it.each([0, 1, 2, 3])('leaves no row when it is cut after statement %i, and may be tried again', async (boundary) => {
    const unit = transaction(test.database, async (sql) => {
      const pid = await pidOf(sql)
      for (let n = 0; n < 4; n++) {
        if (n === boundary) await killer(pid)
        await sql.query('insert into effect values ($1)', [n])
      }
    })
    const error = await unit.catch((error: unknown) => error)
    expect(classify(error)).toMatchObject({ code: 'transient', scope: 'world', retryable: true })
    expect((await test.database.query('select * from effect')).rows).toEqual([])
  })

  it('for its own idleness fails by what PostgreSQL said: the fault of its work, not of the world', async () => {
    const unit = transaction(test.database, async (sql) => {
      const pid = await pidOf(sql)
      await sql.query(`set local idle_in_transaction_session_timeout = '50ms'`)
      await sql.query('insert into effect values (1)')
      while (await lives(pid)) {}
      await allRead()
      await sql.query('insert into effect values (2)')
    })
    const error = await unit.catch((error: unknown) => error)
    expect(error).toMatchObject({ code: '25P03' })
    expect(classify(error)).toMatchObject({ code: 'transient', scope: 'event', retryable: true })
    expect((await test.database.query('select * from effect')).rows).toEqual([])
  })

  it('leaves no row when it is cut just before COMMIT', async () => {
    const unit = transaction(test.database, async (sql) => {
      const pid = await pidOf(sql)
      await sql.query('insert into effect values (1)')
      await killer(pid)
    })
    expect(classify(await unit.catch((error: unknown) => error))).toMatchObject({ code: 'transient', scope: 'world' })
    expect((await test.database.query('select * from effect')).rows).toEqual([])
  })

  it('runs nothing on another connection after the cut', async () => {
    const unit = transaction(test.database, async (sql) => {
      const pid = await pidOf(sql)
      await killer(pid)
      await sql.query('insert into effect values (1)').catch(() => {})
      await sql.query('insert into effect values (2)').catch(() => {})
    })
    await expect(unit).rejects.toThrow()
    expect((await test.database.query('select * from effect')).rows).toEqual([])
  })

  it('refuses a statement that comes after the end', async () => {
    let leaked: Sql | undefined
    await transaction(test.database, async (sql) => {
      leaked = sql
      await sql.query('select 1')
    })
    await expect(leaked?.query('insert into effect values (1)')).rejects.toThrow('the unit of work is over')
  })
})
