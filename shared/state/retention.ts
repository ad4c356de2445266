import { topics } from '#shared/contracts/topics.ts'
import type { Database } from './database.ts'
import { transaction } from './transaction.ts'

const DAYS_AHEAD = 3
const INBOX_DAYS = 7
const GONE_DAYS = 7
const CHUNK = 10_000

/** What one round of housekeeping did; `held` days are past retention, but a consumer has not read them. */
export interface Housekeeping {
  made: string[]
  dropped: string[]
  held: { day: string; consumer: string }[]
}

/**
 * Keeps the log's days: those ahead are made, those behind every topic's retention are dropped, but never one that the
 * position of a consumer has not passed. `deployed` are the consumers of now; one that is gone counts for 7 days more.
 * Days are UTC days of the database.
 */
export async function keepHouse(database: Database, deployed: string[]): Promise<Housekeeping> {
  await database.query(
    `insert into consumer (name) select unnest($1::text[]) on conflict (name) do update set seen_at = now()`,
    [deployed.toSorted()],
  )
  const made = await makeDays(database)
  await purgeInbox(database)
  const { dropped, held } = await dropDays(database)
  return { made, dropped, held }
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

async function dropDays(database: Database): Promise<Pick<Housekeeping, 'dropped' | 'held'>> {
  const keep = Math.max(...Object.values(topics).map(({ retentionDays }) => retentionDays))
  const { rows } = await database.query<{ day: string }>(
    `select to_char(to_date(right(c.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') as day
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'log'::regclass and c.relname ~ '^log_[0-9]{8}$'
       and to_date(right(c.relname, 8), 'YYYYMMDD') < (now() at time zone 'utc')::date - $1::int order by 1`,
    [keep],
  )
  const dropped: string[] = []
  const held: Housekeeping['held'] = []
  for (const { day } of rows) {
    const consumer = await whoHolds(database, day)
    if (consumer !== undefined) held.push({ day, consumer })
    else {
      await transaction(database, async (sql) => {
        await sql.query(`alter table log detach partition ${tableOf(day)}`)
        await sql.query(`drop table ${tableOf(day)}`)
      })
      dropped.push(day)
    }
  }
  return { dropped, held }
}

async function whoHolds(database: Database, day: string): Promise<string | undefined> {
  const { rows } = await database.query<{ consumer: string }>(
    `select p.consumer from position p left join consumer c on c.name = p.consumer
     where p.log = 'postgres' and coalesce(c.seen_at, now()) > now() - make_interval(days => $1)
       and exists (select 1 from ${tableOf(day)} l
                   where l.topic = p.topic and l.partition = p.partition and l."offset" >= p.next)
     order by p.consumer limit 1`,
    [GONE_DAYS],
  )
  return rows[0]?.consumer
}

async function purgeInbox(database: Database): Promise<void> {
  for (let purged = CHUNK; purged === CHUNK; ) {
    const { rowCount } = await database.query(
      `delete from inbox where (consumer, id) in (
         select consumer, id from inbox where done_at < now() - make_interval(days => $1) order by consumer, id limit $2)`,
      [INBOX_DAYS, CHUNK],
    )
    purged = rowCount ?? 0
  }
}
