import type { Connection, Database } from './database.ts'

/** The COMMIT was answered with another tag: PostgreSQL had already rolled the transaction back. */
export class CommitFailed extends Error {
  override name = 'CommitFailed'
  code = '25P02'
}

/** Ends a transaction, and believes nothing but the tag COMMIT: after a failed statement it succeeds with ROLLBACK. */
export async function commit(connection: Connection): Promise<void> {
  const { command } = await connection.query('commit')
  if (command !== 'COMMIT') throw new CommitFailed(`COMMIT was answered with ${command}: the transaction had failed`)
}

/** Runs `work` in one transaction on one connection; a throw rolls it back. */
export function transaction<T>(database: Database, work: (connection: Connection) => Promise<T>): Promise<T> {
  return database.connection(async (connection) => {
    await connection.query('begin')
    const result = await work(connection)
    await commit(connection)
    return result
  })
}
