import type { Database, LentConnection } from './database.ts'
import type { Sql } from './sql.ts'

/** The COMMIT was answered with another tag: PostgreSQL had already rolled the transaction back. */
export class CommitFailed extends Error {
  override name = 'CommitFailed'
  code = '25P02'
}

/** A transaction that opens at its first statement, on one connection whose loss is its end. */
export interface LazyTransaction {
  sql: Sql
  /** Believes nothing but the tag COMMIT: after a failed statement COMMIT succeeds with the tag ROLLBACK. */
  commit(): Promise<void>
  /** Rolls back; no statement can follow. */
  rollback(): Promise<void>
  /** Closes the connection with whatever still runs on it: for work that outlived its deadline. */
  abandon(): void
}

/** Prepares a transaction; nothing is sent before its first statement. */
export function lazyTransaction(database: Database): LazyTransaction {
  let opened: Promise<LentConnection> | undefined
  let over = false
  let committing: LentConnection | undefined

  const refuseIfOver = () => {
    if (over) throw new Error('the unit of work is over: no statement can follow')
  }

  const open = async (): Promise<LentConnection> => {
    const connection = await database.lend()
    try {
      refuseIfOver()
      await connection.query('begin')
      return connection
    } catch (error) {
      connection.release(true)
      throw error
    }
  }

  // Whoever ends the transaction takes the connection, so that it is released once.
  const end = (): Promise<LentConnection> | undefined => {
    over = true
    const taken = opened
    opened = undefined
    return taken
  }

  return {
    sql: {
      async query(text, values) {
        refuseIfOver()
        opened ??= open()
        const connection = await opened
        refuseIfOver()
        return connection.query(text, values)
      },
    },
    async commit() {
      const connection = await end()
      if (connection === undefined) return
      let tag = ''
      committing = connection
      try {
        tag = (await connection.query('commit')).command
      } finally {
        if (committing === connection) connection.release(tag !== 'COMMIT')
        committing = undefined
      }
      if (tag !== 'COMMIT') throw new CommitFailed(`COMMIT was answered with ${tag}: the transaction had failed`)
    },
    async rollback() {
      const connection = await end()?.catch(() => undefined)
      await connection?.query('rollback').then(
        () => connection.release(false),
        () => connection.release(true),
      )
    },
    abandon() {
      const cutOff = committing
      committing = undefined
      cutOff?.release(true)
      end()
        ?.then((connection) => connection.release(true))
        .catch(() => {})
    },
  }
}

/** Runs `work` in one transaction; a throw rolls it back. */
export async function transaction<T>(database: Database, work: (sql: Sql) => Promise<T>): Promise<T> {
  const unit = lazyTransaction(database)
  try {
    const result = await work(unit.sql)
    await unit.commit()
    return result
  } catch (error) {
    await unit.rollback()
    throw error
  }
}
