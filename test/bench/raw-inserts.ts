import type { Database } from '#shared/state/database.ts'

const ROWS = 100
const CONNECTIONS = 4

/** Rows a second that multi-row INSERTs of 100 bring into a plain table of the same PostgreSQL, on four connections. */
export async function rawInserts(database: Database, seconds = 5): Promise<number> {
  await database.query('create table if not exists plain (id text, device text, observed_at timestamptz, data text)')
  const tuples = Array.from({ length: ROWS }, (_, i) => `($${4 * i + 1}, $${4 * i + 2}, $${4 * i + 3}, $${4 * i + 4})`)
  const statement = `insert into plain (id, device, observed_at, data) values ${tuples.join(', ')}`
  const at = new Date().toISOString()
  const values = tuples.flatMap((_, i) => [`loop-${i}@${at}`, `loop-${i}`, at, 'x'.repeat(200)])
  const began = performance.now()
  const end = began + seconds * 1_000
  let rows = 0
  const insert = async () => {
    for (; performance.now() < end; rows += ROWS) await database.query(statement, values)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, insert))
  const taken = performance.now() - began
  await database.query('drop table plain')
  return (rows * 1_000) / taken
}
