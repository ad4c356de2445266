import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Migration, migrate } from '#shared/state/migrate.ts'
import { readMigrations } from '#shared/state/migrations.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

describe('migrations', () => {
  let test: TestDatabase
  let all: Migration[]
  let given: string[]
  beforeEach(async () => {
    test = await freshDatabase({ migrated: false })
    all = await readMigrations('shared/state/migrations')
    given = all.map(({ name }) => name)
  })
  afterEach(() => test.drop())

  const names = async () =>
    (await test.database.query<{ name: string }>('select name from schema_migration order by 1')).rows.map(
      ({ name }) => name,
    )

  it('run forward, each once, and say which', async () => {
    expect(await migrate(test.database, all)).toEqual(given)
    expect(given.slice(0, 2)).toEqual(['001-log', '002-traffic'])
    expect(await migrate(test.database, all)).toEqual([])
  })

  it('run once when two start at the same time', async () => {
    const applied = await Promise.all([migrate(test.database, all), migrate(test.database, all)])
    expect(applied.map(({ length }) => length).sort()).toEqual([0, given.length])
  })

  it('leave nothing of one that fails, nor of those with it', async () => {
    const broken = [...all, { name: '098-broken', sql: 'create table half (n int); select 1 / 0' }]
    await expect(migrate(test.database, broken)).rejects.toMatchObject({ code: '22012' })
    expect((await test.database.query(`select to_regclass('half') as half, to_regclass('log') as log`)).rows).toEqual([
      { half: null, log: null },
    ])
  })

  it('refuse a schema newer than the build, by name', async () => {
    await migrate(test.database, [...all, { name: '099-tomorrow', sql: 'select 1' }])
    await expect(migrate(test.database, all)).rejects.toThrow(/newer than this build: it has 099-tomorrow/)
    expect(await names()).toEqual([...given, '099-tomorrow'])
  })

  it('refuse one that was changed after it had run', async () => {
    await migrate(test.database, all)
    const changed = all.map((one) => (one.name === '002-traffic' ? { ...one, sql: `${one.sql} -- and more` } : one))
    await expect(migrate(test.database, changed)).rejects.toThrow(/002-traffic was changed after it had run/)
  })

  it('give each topic its partitions, and never change those of a living one', async () => {
    await migrate(test.database, all)
    const partitions = async () =>
      (
        await test.database.query<{ topic: string; n: number }>(
          'select topic, count(*)::int as n from log_partition group by 1 order by 1',
        )
      ).rows
    const first = await partitions()
    expect(first).toEqual([
      { topic: 'readings', n: 8 },
      { topic: 'readings.late', n: 1 },
      { topic: 'traffic.forecasts', n: 1 },
      { topic: 'traffic.states', n: 1 },
    ])
    await test.database.query(`delete from log_partition where topic = 'readings' and partition > 3`)
    await migrate(test.database, all)
    expect((await partitions())[0]).toEqual({ topic: 'readings', n: 4 })
  })
})
