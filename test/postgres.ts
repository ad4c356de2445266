import { randomBytes } from 'node:crypto'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { migrate } from '#shared/state/migrate.ts'
import { readMigrations } from '#shared/state/migrations.ts'

/** A migrated database of its own on the test run's PostgreSQL. */
export interface TestDatabase {
  url: string
  password: string
  database: Database
  /** Another pool on the same database; in a test's own process no transaction takes too long. */
  open(max?: number): Database
  drop(): Promise<void>
}

/** The same database, for sessions that PostgreSQL never ends for the time they take. */
export function patient(url: string): string {
  const patient = new URL(url)
  patient.searchParams.set('options', '-c jit=off')
  return patient.href
}

/** Makes a database; `drop` closes every pool opened through it and removes it. */
export async function freshDatabase({ max = 10, migrated = true } = {}): Promise<TestDatabase> {
  const adminUrl = required('TEST_DATABASE_URL')
  const password = required('TEST_DATABASE_PASSWORD')
  const name = `t_${randomBytes(6).toString('hex')}`
  const admin = openDatabase({
    ...{ url: adminUrl, password, max: 1, name: 'test admin' },
    ...{ answerMs: 0, connectMs: 0, transactionMs: 0 },
  })
  // Making and dropping wait for a checkpoint.
  await admin.query('set statement_timeout = 0')
  await admin.query(`create database ${name}`)
  const url = adminUrl.replace('/postgres?', `/${name}?`)
  const pools: Database[] = []
  const open = (max = 10) => {
    const pool = openDatabase({ url: patient(url), password, max, name: 'test', answerMs: 0, connectMs: 0 })
    pools.push(pool)
    return pool
  }
  const database = open(max)
  if (migrated) await migrate(database, await readMigrations('shared/state/migrations'))
  return {
    url,
    password,
    database,
    open,
    async drop() {
      await Promise.all(pools.map((pool) => pool.close()))
      await admin.query('set statement_timeout = 0')
      await admin.query(`drop database ${name} with (force)`)
      await admin.close()
    },
  }
}

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run the tests with npm test`)
  return value
}
