import { freshDatabase, type TestDatabase } from '../postgres.ts'

/** City time of every shape; it stands still, so that the same rows leave the same state. */
const NOW = '2026-03-01T08:12:00.000Z'

/** Columns that tell when this test ran, not what it did; the id of a dead letter is random. */
const VOLATILE = [
  'touched_at',
  'appended_at',
  'first_seen',
  'last_seen',
  'day',
  'last_day',
  'attributes',
  'function_version',
]
/** Tables of delivery itself: how a row was brought shows there, and is to. */
const DELIVERY = ['log_partition', 'position', 'inbox', 'consumer', 'city_clock', 'lease', 'dead_letter']

/** A migrated database at the city's time. */
export async function openWorld(): Promise<TestDatabase> {
  const test = await freshDatabase({ max: 2 })
  await test.database.query('insert into city_clock (city, speed) values ($1, 0)', [NOW])
  return test
}

/** Empties the database but for its clock and the partitions of the log. */
export async function empty({ database }: TestDatabase): Promise<void> {
  const tables = (await tablesOf({ database })).filter((name) => !['log_partition', 'city_clock'].includes(name))
  await database.query(`truncate ${tables.map((name) => `"${name}"`).join(', ')} cascade`)
  await database.query('update log_partition set next_offset = 0')
}

/** Every row of every table of the functions and of the log, sorted, without what tells the time of this test. */
export async function effectsIn({ database }: Pick<TestDatabase, 'database'>): Promise<Record<string, unknown[]>> {
  const effects: Record<string, unknown[]> = {}
  for (const name of (await tablesOf({ database })).filter((table) => !DELIVERY.includes(table))) {
    const { rows } = await database.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from "${name}" t`,
    )
    if (rows.length === 0) continue
    for (const { row } of rows) for (const column of VOLATILE) delete row[column]
    const sorted = rows.map(({ row }) => JSON.stringify(row)).sort()
    // Each call asks for the alarm it needs: how many there are tells how many calls there were.
    effects[name] = name === 'alarm' ? sorted.slice(0, 1) : sorted
  }
  return effects
}

/** What was appended to the log: topic, key and data, in order. */
export async function appended({ database }: Pick<TestDatabase, 'database'>): Promise<[string, string, unknown][]> {
  const { rows } = await database.query<{ topic: string; key: string; data: Buffer }>(
    'select topic, key, data from log order by topic, partition, "offset"',
  )
  return rows.map(({ topic, key, data }) => [topic, key, JSON.parse(data.toString())])
}

/** The open dead letters: what was buried, why, and where it lay. */
export async function deadLetters({ database }: Pick<TestDatabase, 'database'>) {
  const { rows } = await database.query<{ topic: string; place: string | null; reason: string; body: string }>(
    `select topic, partition || '/' || "offset" as place, reason, convert_from(body, 'UTF8') as body
     from dead_letter order by first_seen, topic`,
  )
  return rows
}

async function tablesOf({ database }: Pick<TestDatabase, 'database'>): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname not like '%migration%' order by 1`,
  )
  return rows.map(({ name }) => name)
}
