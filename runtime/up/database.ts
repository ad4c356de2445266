import { join } from 'node:path'
import { readSecret } from '#shared/config.ts'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { migrate } from '#shared/state/migrate.ts'
import { readMigrations } from '#shared/state/migrations.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { openLogFile } from '../replicas/log-file.ts'
import type { DataFolder } from './data-folder.ts'
import type { Step, Stops } from './steps.ts'

/** The running database of a data folder. */
export interface FolderDatabase {
  url: string
  socketDir: string
  /** A pool that is closed before PostgreSQL stops. */
  open(max: number, name: string): Database
}

/** What starting the database needs. */
export interface DatabaseStart {
  root: string
  data: DataFolder
  maxConnections: number
  /** Folders that must not outlive the runtime, even after a SIGKILL. */
  cleanUp: string[]
  step: Step
  stops: Stops
}

/** Starts PostgreSQL and brings its schema forward. */
export const startDatabase = async (options: DatabaseStart): Promise<FolderDatabase> => {
  const { root, data, maxConnections, cleanUp, step, stops } = options
  const log = openLogFile(join(data.logs, 'postgres.log'))
  const postgres = await step('PostgreSQL', () =>
    startPostgres({
      keeperFile: join(root, 'dist/runtime/keeper.js'),
      dataDir: data.postgres,
      passwordFile: join(data.secrets, 'database-password'),
      maxConnections,
      cleanUp,
      log: log.write,
    }),
  )
  stops.add('PostgreSQL', async () => {
    await postgres.stop()
    await log.flushed()
  })
  const open = (max: number, name: string): Database => {
    const password = readSecret(data.secrets, 'database-password')
    const database = openDatabase({ url: postgres.url, password, max, name })
    stops.add(`the pool ${name}`, () => database.close())
    return database
  }
  const admin = openDatabase({
    url: postgres.url,
    password: readSecret(data.secrets, 'database-password'),
    max: 1,
    name: 'migrations',
    answerMs: 0,
  })
  try {
    await step(
      'migrations',
      async () => migrate(admin, await readMigrations(join(root, 'shared/state/migrations'))),
      (applied) => applied.join(', '),
    )
  } finally {
    await admin.close()
  }
  return { url: postgres.url, socketDir: postgres.socketDir, open }
}
