import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedPostgres, startPostgres } from '#runtime/embedded/postgres.ts'
import { openLogFile } from '#runtime/replicas/log-file.ts'
import { type DataFolder, openDataFolder } from '#runtime/up/data-folder.ts'
import { readSecret } from '#shared/config.ts'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { migrate } from '#shared/state/migrate.ts'
import { readMigrations } from '#shared/state/migrations.ts'
import { family, kill } from '#test/e2e/processes.ts'
import { until } from '#test/e2e/runtime.ts'

/** PostgreSQL for all rows of a run, each with a database of its own in it, and what can happen to it. */
export interface Server {
  /** Where its Unix socket lies, over restarts. */
  socketDir: string
  secrets: string
  password: string
  /** Makes a database; answers its URL, by that folder of the socket. */
  database(name: string): Promise<string>
  drop(name: string): Promise<void>
  /** SIGKILL of the postmaster: it comes back by itself. Resolves when it answers again. */
  crash(): Promise<void>
  /** In order; it is away until `start`. */
  stop(): Promise<void>
  /** Nothing happens if it runs. */
  start(): Promise<void>
  /** SIGSTOP of it and all its backends. */
  freeze(): void
  thaw(): void
  end(): Promise<void>
}

const TEMPLATE = 'faults_template'
const TABLES = `create table counted (id text, topic text, partition int, "offset" bigint, at timestamptz default clock_timestamp());
  create table redelivered (at timestamptz default now())`

/** The URL of a database by the folder of its socket. */
export const databaseUrl = (name: string, socketDir: string) =>
  `postgres://junction@localhost/${name}?host=${encodeURIComponent(socketDir)}`

/** Starts it with a migrated template, and the table that counts effects in it, which has no unique key. */
export async function startServer(root: string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'junction-fpg-'))
  // As root PostgreSQL runs as another user, who must be able to walk to its folder.
  chmodSync(folder, 0o711)
  const socketDir = join(folder, 's')
  mkdirSync(socketDir)
  const data = await openDataFolder(folder)
  const password = readSecret(data.secrets, 'database-password') ?? ''
  let postgres = await launch(root, data, socketDir)
  let stopped = false
  const open = (name: string): Database =>
    openDatabase({ url: databaseUrl(name, socketDir), password, max: 1, name: 'faults', answerMs: 0, transactionMs: 0 })
  const once = async (name: string, work: (database: Database) => Promise<unknown>) => {
    const database = open(name)
    try {
      // Making and dropping a database waits for a checkpoint.
      await database.query('set statement_timeout = 0')
      await work(database)
    } finally {
      await database.close()
    }
  }
  await once('junction', (admin) => admin.query(`create database ${TEMPLATE}`))
  await once(TEMPLATE, async (template) => {
    await migrate(template, await readMigrations(join(root, 'shared/state/migrations')))
    await template.query(TABLES)
  })
  const answers = () =>
    once('junction', (admin) => admin.query('select 1')).then(
      () => true,
      () => false,
    )
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of family(postgres.pid())) process.kill(pid, name)
  }
  return {
    ...{ socketDir, secrets: data.secrets, password },
    async database(name) {
      await once('junction', (admin) => admin.query(`create database ${name} template ${TEMPLATE}`))
      return databaseUrl(name, socketDir)
    },
    drop: (name) => once('junction', (admin) => admin.query(`drop database if exists ${name} with (force)`)),
    async crash() {
      const before = postgres.pid()
      kill(before)
      await until('PostgreSQL is back after its crash', async () => postgres.pid() !== before && (await answers()))
    },
    stop() {
      stopped = true
      return postgres.stop()
    },
    async start() {
      if (!stopped) return
      postgres = await launch(root, data, socketDir)
      stopped = false
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async end() {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

async function launch(root: string, data: DataFolder, socketDir: string): Promise<EmbeddedPostgres> {
  const log = openLogFile(join(data.logs, 'postgres.log'))
  const postgres = await startPostgres({
    keeperFile: join(root, 'dist/runtime/keeper.js'),
    dataDir: data.postgres,
    passwordFile: join(data.secrets, 'database-password'),
    maxConnections: 120,
    log: log.write,
  })
  const socket = join(socketDir, '.s.PGSQL.5432')
  rmSync(socket, { force: true })
  symlinkSync(join(postgres.socketDir, '.s.PGSQL.5432'), socket)
  chmodSync(socketDir, 0o711)
  return postgres
}
