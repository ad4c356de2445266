import { join } from 'node:path'
import { readSecret } from '#shared/config.ts'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { migrate } from '#shared/state/migrate.ts'
import { readMigrations } from '#shared/state/migrations.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { openLogFile } from '../replicas/log-file.ts'
import { UserError } from '../user-error.ts'
import type { DataFolder } from './data-folder.ts'
import type { Step, Stops } from './steps.ts'

/** The running database of a data folder. */
export interface FolderDatabase {
  url: string
  /** A pool that is closed before PostgreSQL stops. */
  open(max: number, name: string): Database
}

/** What starting the database needs. */
export interface DatabaseStart {
  root: string
  data: DataFolder
  /** Of a PostgreSQL that runs elsewhere; undefined = the embedded one. */
  url: string | undefined
  maxConnections: number
  /** Folders that must not outlive the runtime, even after a SIGKILL. */
  cleanUp: string[]
  step: Step
  stops: Stops
}

/** Starts PostgreSQL, or reaches the one at `url`, and brings its schema forward; throws UserError where it does not answer. */
export const startDatabase = async (options: DatabaseStart): Promise<FolderDatabase> => {
  const { root, data, step, stops } = options
  const url = options.url ?? (await startEmbedded(options))
  const open = (max: number, name: string): Database => {
    const password = readSecret(data.secrets, 'database-password')
    const database = openDatabase({ url, password, max, name })
    stops.add(`the pool ${name}`, () => database.close())
    return database
  }
  const admin = openDatabase({
    url,
    password: readSecret(data.secrets, 'database-password'),
    max: 1,
    name: 'migrations',
    answerMs: 0,
  })
  try {
    if (options.url !== undefined)
      await step(
        'PostgreSQL',
        () => reach(admin, url, data),
        () => place(url),
      )
    await step(
      'migrations',
      async () => migrate(admin, await readMigrations(join(root, 'shared/state/migrations'))),
      (applied) => applied.join(', '),
    )
  } finally {
    await admin.close()
  }
  return { url, open }
}

/** Where it is, without the user and what else may stand in it. */
const place = (url: string): string => {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}

const reach = async (admin: Database, url: string, { secrets }: DataFolder): Promise<void> => {
  try {
    await admin.query('select 1')
  } catch (error) {
    throw new UserError(
      `PostgreSQL at ${place(url)} does not let us in (${(error as Error).message}): look at --database, and at its password in ${join(secrets, 'database-password')}`,
    )
  }
}

const startEmbedded = async ({ root, data, maxConnections, cleanUp, step, stops }: DatabaseStart): Promise<string> => {
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
  return postgres.url
}
