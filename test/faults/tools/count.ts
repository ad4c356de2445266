import type { Database } from '#shared/state/database.ts'
import type { Counts } from '../row.ts'

/** What a run left behind, counted. */
export interface Count {
  effects: number
  deadLetters: number
  counts: Counts
}

/** Holds the effects of a consumer against the ledger: one of each event, or one dead letter. */
export async function count(database: Database, ledger: Set<string>, consumer: string): Promise<Count> {
  const { rows } = await database.query<Omit<Counts, 'atEnds'> & { effects: number; deadLetters: number }>(
    `with ledger as (select unnest($1::text[]) as id),
       effect as (select id, count(*)::int as n from counted group by id),
       letter as (select distinct event_id as id from dead_letter where consumer = $2 and resolution is null)
     select (select coalesce(sum(n), 0)::int from effect) as effects,
       (select count(*)::int from dead_letter where consumer = $2 and resolution is null) as "deadLetters",
       (select count(*)::int from ledger where id not in (select id from effect) and id not in (select id from letter)) as lost,
       (select coalesce(sum(n - 1), 0)::int from effect) as dup,
       (select count(*)::int from effect where id not in (select id from ledger)) as forged,
       (select count(*)::int from effect join letter using (id)) as both`,
    [[...ledger], consumer],
  )
  const [{ effects, deadLetters, ...rest }] = rows as [(typeof rows)[number]]
  return { effects, deadLetters, counts: { ...rest, atEnds: (await lag(database, consumer)) === 0 } }
}

/** How far a consumer of `readings` is behind. */
export async function lag(database: Database, consumer: string): Promise<number> {
  const { rows } = await database.query<{ lag: number }>(
    `select coalesce(sum(l.next_offset - coalesce(p.next, 0)), 0)::int as lag from log_partition l
     left join position p on p.consumer = $1 and p.topic = l.topic and p.partition = l.partition
     where l.topic = 'readings'`,
    [consumer],
  )
  return rows[0]?.lag ?? 0
}
