import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EmbeddedPostgres, startPostgres } from '#runtime/embedded/postgres.ts'
import { openLogFile } from '#runtime/replicas/log-file.ts'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { migrate } from '#shared/state/migrate.ts'
import { readMigrations } from '#shared/state/migrations.ts'
import type { Stage } from '../row.ts'

/** What a town stands on. */
export interface Ground {
  folder: string
  secrets: string
  url: string
  /** A pool, closed with the row. */
  open(max: number, name: string): Database
}

/** A PostgreSQL server of a row's own, migrated, that the row may do to what it likes. */
export interface Site extends Ground {
  password: string
  postgres: EmbeddedPostgres
  /** For counting. */
  database: Database
}

/** Where and how large. */
export interface SiteOptions {
  /** PostgreSQL's own folder lies in it; the row's folder unless given. */
  storage?: string
  maxConnections?: number
}

const PASSWORD = 'the-password-of-the-site'
/** The secrets by which connector and callers are known. */
export const KEYS = { connector: 'key-of-the-connector', invoke: 'key-of-the-callers' }

/** Ground without any PostgreSQL, for functions that need none. */
export const bareGround = ({ folder }: Stage): Ground => ({
  ...{ folder, secrets: folder, url: 'postgres://junction@localhost/none?host=/nowhere' },
  open: (max, name) => openDatabase({ url: 'postgres://junction@localhost/none?host=/nowhere', max, name }),
})

/** Starts PostgreSQL, to the end of the row, with the table that counts effects, which has no unique key. */
export async function openSite(stage: Stage, { storage, maxConnections = 60 }: SiteOptions = {}): Promise<Site> {
  const { folder } = stage
  // As root PostgreSQL runs as another user, who must be able to walk to its folder.
  chmodSync(folder, 0o711)
  const secrets = join(folder, 'secrets')
  mkdirSync(secrets, { mode: 0o700 })
  const passwordFile = join(secrets, 'database-password')
  writeFileSync(passwordFile, PASSWORD)
  writeFileSync(join(secrets, 'connector-key'), KEYS.connector)
  writeFileSync(join(secrets, 'invoke-key'), KEYS.invoke)
  const log = openLogFile(join(folder, 'postgres.log'))
  const postgres = await startPostgres({
    keeperFile: 'dist/runtime/keeper.js',
    dataDir: join(storage ?? folder, 'pg'),
    passwordFile,
    maxConnections,
    log: log.write,
  })
  stage.atEnd(async () => {
    await postgres.stop()
    await log.flushed()
  })
  const open = (max: number, name: string) => {
    const pool = openDatabase({ url: postgres.url, password: PASSWORD, max, name })
    stage.atEnd(() => pool.close())
    return pool
  }
  const database = open(2, 'count')
  await migrate(database, await readMigrations('shared/state/migrations'))
  await database.query(
    'create table counted (id text, topic text, partition int, "offset" bigint, at timestamptz default clock_timestamp())',
  )
  return { folder, secrets, password: PASSWORD, url: postgres.url, postgres, database, open }
}
