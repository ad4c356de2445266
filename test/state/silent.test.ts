import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { transaction } from '#shared/state/transaction.ts'
import { type FaultProxy, openProxy } from '#test/faults/proxy.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

const SOCKET = '.s.PGSQL.5432'

describe('a connection on which PostgreSQL has fallen silent', () => {
  let test: TestDatabase
  let folder: string
  let proxy: FaultProxy
  let database: Database
  beforeEach(async () => {
    test = await freshDatabase({ migrated: false })
    folder = mkdtempSync(join(tmpdir(), 'junction-silent-'))
    const there = new URL(test.url).searchParams.get('host') as string
    proxy = await openProxy({ path: join(folder, SOCKET) }, () => ({ path: join(there, SOCKET) }))
    const url = new URL(test.url)
    url.searchParams.set('host', folder)
    database = openDatabase({ url: url.href, password: test.password, max: 1, name: 'silent', answerMs: 5_000 })
    await database.query('select 1')
  })
  afterEach(async () => {
    await database.close()
    await proxy.close()
    await test.drop()
    rmSync(folder, { recursive: true })
  })

  it('is given up as a fault of the world, and another is opened', async () => {
    proxy.halfOpen()
    await expect(database.query('select 1')).rejects.toMatchObject({ name: 'DatabaseUnavailable', code: '08006' })
    expect((await database.query('select 2 as n')).rows).toEqual([{ n: 2 }])
  })

  it('ends the transaction that is open on it', async () => {
    const work = transaction(database, async (sql) => {
      await sql.query('select 1')
      proxy.halfOpen()
      await sql.query('select 2')
    })
    await expect(work).rejects.toMatchObject({ name: 'DatabaseUnavailable' })
    expect((await database.query('select 3 as n')).rows).toEqual([{ n: 3 }])
  })
})
