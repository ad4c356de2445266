import { createHash } from 'node:crypto'
import { type TopicName, topics } from '#shared/contracts/topics.ts'
import type { Database } from './database.ts'
import type { Sql } from './sql.ts'
import { transaction } from './transaction.ts'

/** One forward step of the schema: `name` is `NNN-what`. */
export interface Migration {
  name: string
  sql: string
}

/** The schema and this build do not fit together; the message says which is newer. */
export class SchemaError extends Error {
  override name = 'SchemaError'
  code = 'configuration'
}

/** Brings the schema forward; refuses one that is newer than these migrations, or a migration changed after it ran. */
export async function migrate(database: Database, migrations: Migration[]): Promise<string[]> {
  return transaction(database, async (sql) => {
    // A migration may take its time; only a unit of work may not.
    await sql.query(`set local statement_timeout = 0; set local transaction_timeout = 0; set local lock_timeout = 0;
      set local idle_in_transaction_session_timeout = '8s'`)
    await sql.query('select pg_advisory_xact_lock(hashtext($1))', ['junction migrations'])
    await sql.query(`create table if not exists schema_migration (
      name text primary key, sha256 text not null, at timestamptz not null default now())`)
    const { rows } = await sql.query<{ name: string; sha256: string }>('select name, sha256 from schema_migration')
    const done = new Map(rows.map((row) => [row.name, row.sha256]))
    const known = new Set(migrations.map((migration) => migration.name))
    const newer = [...done.keys()].filter((name) => !known.has(name)).sort()
    if (newer.length > 0) {
      throw new SchemaError(
        `the database's schema is newer than this build: it has ${newer.join(', ')}; start the build that made it, or use another --data`,
      )
    }
    const applied: string[] = []
    for (const { name, sql: text } of migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const sha256 = createHash('sha256').update(text).digest('hex')
      if (done.has(name)) {
        if (done.get(name) !== sha256)
          throw new SchemaError(`migration ${name} was changed after it had run: add a new one instead`)
        continue
      }
      await sql.query(text)
      await sql.query('insert into schema_migration (name, sha256) values ($1, $2)', [name, sha256])
      applied.push(name)
    }
    await makePartitions(sql)
    return applied
  })
}

// A topic new to the registry gets its partitions; those of a living topic are never changed.
async function makePartitions(sql: Sql): Promise<void> {
  for (const topic of Object.keys(topics) as TopicName[]) {
    await sql.query(
      `insert into log_partition (topic, partition) select $1, n from generate_series(0, $2::int - 1) n
       where not exists (select 1 from log_partition where topic = $1) on conflict do nothing`,
      [topic, topics[topic].partitions],
    )
  }
}
