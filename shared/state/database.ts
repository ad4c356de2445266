import pg from 'pg'
import { holdsPassword } from '#shared/secret.ts'
import type { QueryResult, Sql } from './sql.ts'

/** A pool of PostgreSQL connections that also lends one connection for a transaction. */
export interface Database extends Sql {
  /** Lends one connection for a transaction; it must be released. */
  lend(): Promise<LentConnection>
  close(): Promise<void>
}

/** One connection for its whole life: once it is lost, every further query on it fails. */
export interface LentConnection extends Sql {
  /** A broken connection is closed, and PostgreSQL rolls back what was open on it. */
  release(broken: boolean): void
}

/** PostgreSQL cannot be reached, or the connection was lost under a statement. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
  code = '08006'
}

/** How to reach PostgreSQL: the password comes from a secret file, never from the URL. */
export interface DatabaseOptions {
  url: string
  password?: string | undefined
  /** Connections at most. */
  max: number
  name: string
  /** How long one transaction may take, in milliseconds; the other limits follow delivery's ladder. */
  transactionMs?: number
  /** A connection that leaves a statement without an answer for longer is given up, ms; 0 waits for ever. */
  answerMs?: number
  /** How long a free connection or a new one may be waited for, ms; 0 waits for ever. */
  connectMs?: number
}

// Longer than PostgreSQL itself lets a statement run: who says nothing then is frozen, or out of reach.
const ANSWER_MS = 10_000
const CONNECT_MS = 4_000

// A process frozen between append and COMMIT holds others up for the idle limit, never longer.
const limits = (transactionMs: number): string =>
  [
    ['idle_in_transaction_session_timeout', 2000],
    ['transaction_timeout', transactionMs],
    ['lock_timeout', 3000],
    ['statement_timeout', 5000],
    // Compiling a statement costs seconds where it must be scored within five, and saves none.
    ['jit', 'off'],
  ]
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')

/** Opens a pool; the first query connects. */
export function openDatabase(options: DatabaseOptions): Database {
  const url = new URL(options.url)
  if (holdsPassword(url))
    throw new Error('a database URL must not hold a password: put it in the secret database-password')
  // The driver takes what stands in the URL over anything beside it, so the secret joins it here, in memory only.
  if (options.password !== undefined) url.password = encodeURIComponent(options.password)
  const pool = new pg.Pool({
    connectionString: url.href,
    max: options.max,
    application_name: options.name,
    options: limits(options.transactionMs ?? 8000),
    connectionTimeoutMillis: options.connectMs ?? CONNECT_MS,
    query_timeout: options.answerMs ?? ANSWER_MS,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
  })
  // An idle connection that PostgreSQL closes is no event of ours: the next query opens another.
  pool.on('error', () => {})

  const lend = async (): Promise<LentConnection> => {
    const client = await pool.connect().catch(rethrow)
    // Said between two statements: the next one fails without telling why.
    let lost: unknown
    const keep = (error: unknown) => {
      lost ??= error
    }
    client.on('error', keep)
    return {
      async query<Row>(text: string, values?: unknown[]) {
        // Behind a statement without an answer none gets one.
        if (isSilence(lost)) rethrow(lost)
        const result = await client.query(text, values).catch((error) => {
          if (isSilence(error)) keep(error)
          return rethrow(lost ?? error)
        })
        return result as unknown as QueryResult<Row>
      },
      release(broken) {
        client.off('error', keep)
        client.release(broken)
      },
    }
  }

  return {
    query: async <Row>(text: string, values?: unknown[]) =>
      (await pool.query(text, values).catch(rethrow)) as unknown as QueryResult<Row>,
    lend,
    close: () => pool.end(),
  }
}

// The driver has no other sign for it.
const isSilence = (error: unknown): boolean => (error as Error | undefined)?.message === 'Query read timeout'

// What PostgreSQL itself says has a SQLSTATE and passes; all else is the way to it that broke.
function rethrow(error: unknown): never {
  const { code, message } = error as { code?: unknown; message?: string }
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE') throw error
  throw new DatabaseUnavailable(`PostgreSQL cannot be reached: ${message ?? String(error)}`, { cause: error })
}
