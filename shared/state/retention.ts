import type { Database } from './database.ts'
import { transaction } from './transaction.ts'

const DAYS_AHEAD = 3
const GONE_DAYS = 7
const CHUNK = 10_000
const DAY_MS = 86_400_000

/** What one round of housekeeping did; `held` days are past retention, but a consumer has not read them. */
export interface Housekeeping {
  made: string[]
  dropped: string[]
  held: { day: string; consumer: string }[]
  /** Consumers that are gone, with events they have not read: the log is kept for them until then, no longer. */
  gone: { consumer: string; until: Date }[]
}

/** How long the events of the log are kept, and the markers of what was done with them; in milliseconds. */
export interface Retention {
  logMs: number
  inboxMs: number
}

/**
 * Keeps the log's days: those ahead are made, those behind retention are dropped, but never one that the position of a
 * consumer has not passed. `deployed` are the consumers of now; one that is gone counts for 7 days more. Markers outlive the
 * events they are of. Days are UTC days of the database.
 */
export async function keepHouse(database: Database, deployed: string[], retention: Retention): Promise<Housekeeping> {
  await database.query(
    `insert into consumer (name) select unnest($1::text[]) on conflict (name) do update set seen_at = now()`,
    [deployed.toSorted()],
  )
  const made = await makeDays(database)
  const { dropped, held } = await dropDays(database, retention.logMs)
  await purgeInbox(database, retention.inboxMs)
  return { made, dropped, held, gone: await goneConsumers(database, deployed) }
}

/** The day's partition; its name is the day. */
const tableOf = (day: string) => `log_${day.replaceAll('-', '')}`

async function makeDays(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ day: string; next: string }>(
    `select to_char(d, 'YYYY-MM-DD') as day, to_char(d + interval '1 day', 'YYYY-MM-DD') as next
     from generate_series((now() at time zone 'utc')::date, (now() at time zone 'utc')::date + $1::int, interval '1 day') d
     where to_regclass('log_' || to_char(d, 'YYYYMMDD')) is null
       and not exists (select 1 from log_default where day = d::date)`,
    [DAYS_AHEAD],
  )
  for (const { day, next } of rows) {
    await database.query(
      `create table if not exists ${tableOf(day)} partition of log for values from ('${day}') to ('${next}')`,
    )
  }
  return rows.map(({ day }) => day)
}

async function dropDays(database: Database, logMs: number): Promise<Pick<Housekeeping, 'dropped' | 'held'>> {
  const { rows } = await database.query<{ day: string; made: boolean }>(
    `select to_char(day, 'YYYY-MM-DD') as day, made from (
       select to_date(right(c.relname, 8), 'YYYYMMDD') as day, true as made
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'log'::regclass and c.relname ~ '^log_[0-9]{8}$'
       union all select distinct day, false from log_default) days
     where day < (now() at time zone 'utc')::date - $1::int order by 1`,
    [Math.ceil(logMs / DAY_MS)],
  )
  const dropped: string[] = []
  const held: Housekeeping['held'] = []
  for (const { day, made } of rows) {
    const consumer = await whoHolds(database, day)
    if (consumer !== undefined) held.push({ day, consumer })
    else {
      await (made ? dropDay(database, day) : emptyDay(database, day))
      dropped.push(day)
    }
  }
  return { dropped, held }
}

const dropDay = (database: Database, day: string): Promise<void> =>
  transaction(database, async (sql) => {
    await sql.query(`alter table log detach partition ${tableOf(day)}`)
    await sql.query(`drop table ${tableOf(day)}`)
  })

/** A day whose first events came before its partition was made. */
async function emptyDay(database: Database, day: string): Promise<void> {
  for (let gone = CHUNK; gone === CHUNK; ) {
    const { rowCount } = await database.query(
      'delete from log_default where ctid = any(array(select ctid from log_default where day = $1 limit $2))',
      [day, CHUNK],
    )
    gone = rowCount ?? 0
  }
}

async function goneConsumers(database: Database, deployed: string[]): Promise<Housekeeping['gone']> {
  const { rows } = await database.query<Housekeeping['gone'][number]>(
    `select c.name as consumer, c.seen_at + make_interval(days => $2) as until from consumer c
     where c.name <> all($1) and exists (
       select 1 from position p join log_partition l using (topic, partition)
       where p.consumer = c.name and p.log = 'postgres' and p.next < l.next_offset)
     order by c.name`,
    [deployed, GONE_DAYS],
  )
  return rows
}

async function whoHolds(database: Database, day: string): Promise<string | undefined> {
  const { rows } = await database.query<{ consumer: string }>(
    `select p.consumer from position p left join consumer c on c.name = p.consumer
     where p.log = 'postgres' and coalesce(c.seen_at, now()) > now() - make_interval(days => $1)
       and exists (select 1 from log l
                   where l.day = $2 and l.topic = p.topic and l.partition = p.partition and l."offset" >= p.next)
     order by p.consumer limit 1`,
    [GONE_DAYS, day],
  )
  return rows[0]?.consumer
}

// As long as an event is on the log it can come again: a marker of its day or of a later one is not yet to be spared.
async function purgeInbox(database: Database, inboxMs: number): Promise<void> {
  for (let purged = CHUNK; purged === CHUNK; ) {
    const { rowCount } = await database.query(
      `delete from inbox where (consumer, id) in (
         select consumer, id from inbox where done_at < least(now() - $1::float8 * interval '1 ms', (
             select min(day)::timestamp at time zone 'utc' from (
               select min(to_date(right(c.relname, 8), 'YYYYMMDD')) as day
               from pg_inherits i join pg_class c on c.oid = i.inhrelid
               where i.inhparent = 'log'::regclass and c.relname ~ '^log_[0-9]{8}$'
               union all select min(day) from log_default) kept))
         order by consumer, id limit $2)`,
      [inboxMs, CHUNK],
    )
    purged = rowCount ?? 0
  }
}
