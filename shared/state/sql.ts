/** What a query gave back: `command` is the tag PostgreSQL answered with (`COMMIT`, `ROLLBACK`, `UPDATE` …). */
export interface QueryResult<Row> {
  rows: Row[]
  rowCount: number | null
  command: string
}

/** Runs statements: on one transaction inside a unit of work, on the pool elsewhere. */
export interface Sql {
  query<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<QueryResult<Row>>
}
