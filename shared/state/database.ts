import pg from 'pg'
import type { QueryResult, Sql } from './sql.ts'

/** A pool of PostgreSQL connections that also lends one connection for a transaction. */
export interface Database extends Sql {
  /** Lends one connection; whatever `use` leaves open on it is closed with it if `use` throws. */
  connection<T>(use: (connection: Connection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** One connection for its whole life: once it is lost, every further query on it fails. */
export interface Connection extends Sql {}

/** How to reach PostgreSQL: the password comes from a secret file, never from the URL. */
export interface DatabaseOptions {
  url: string
  password?: string | undefined
  /** Connections at most. */
  max: number
  name: string
  /** How long one transaction may take, in milliseconds; the other limits follow delivery's ladder. */
  transactionMs?: number
}

// A process frozen between append and COMMIT holds others up for the idle limit, never longer.
const limits = (transactionMs: number): string =>
  [
    ['idle_in_transaction_session_timeout', 2000],
    ['transaction_timeout', transactionMs],
    ['lock_timeout', 3000],
    ['statement_timeout', 5000],
  ]
    .map(([name, ms]) => `-c ${name}=${ms}`)
    .join(' ')

/** Opens a pool; the first query connects. */
export function openDatabase(options: DatabaseOptions): Database {
  const url = new URL(options.url)
  if (url.password) throw new Error('a database URL must not hold a password: put it in the secret database-password')
  const pool = new pg.Pool({
    connectionString: options.url,
    ...(options.password === undefined ? {} : { password: options.password }),
    max: options.max,
    application_name: options.name,
    options: limits(options.transactionMs ?? 8000),
    connectionTimeoutMillis: 4000,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
  })
  // An idle connection that PostgreSQL closes is no event of ours: the next query opens another.
  pool.on('error', () => {})

  return {
    query: async <Row>(text: string, values?: unknown[]) =>
      (await pool.query(text, values)) as unknown as QueryResult<Row>,
    async connection(use) {
      const client = await pool.connect()
      client.on('error', ignore)
      let failure: unknown
      try {
        return await use({
          query: async <Row>(text: string, values?: unknown[]) =>
            (await client.query(text, values)) as unknown as QueryResult<Row>,
        })
      } catch (error) {
        failure = error
        throw error
      } finally {
        client.off('error', ignore)
        client.release(failure !== undefined)
      }
    },
    close: () => pool.end(),
  }
}

// The query under way is rejected with the loss; the event itself has nothing to add.
const ignore = () => {}
