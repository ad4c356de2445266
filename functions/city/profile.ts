import type { TrafficProfile } from '#shared/contracts/page.ts'
import type { Sql } from '#shared/state/sql.ts'

/** How far back earlier days are looked at. */
const DAYS = 28

/** The place of a local time's window in its day: windows need not begin at the same times each day. */
const slotOf = (local: string): string => `floor(extract(epoch from ${local}::time) * 1000 / $4::float8)`

/**
 * What is usual on a segment in the windows from `from` until before `to`: the 10th, 50th and 90th percentile of the same
 * local time on earlier days of the same kind (weekday or weekend), or of any kind where there are fewer than 3.
 */
export async function readProfile(
  sql: Sql,
  segment: string,
  { from, to, windowMs, timeZone }: { from: Date; to: Date; windowMs: number; timeZone: string },
): Promise<TrafficProfile['slots']> {
  const { rows } = await sql.query<{ windowStart: Date; p: number[]; days: number }>(
    `with asked as (
       select at, ${slotOf('local')} as slot, extract(isodow from local) > 5 as weekend
       from generate_series($2::timestamptz, $3::timestamptz - interval '1 ms', $4::float8 * interval '1 ms') at,
         lateral (select at at time zone $5 as local) l
     ),
     -- Of each day only what lies about the windows asked for: clocks go forward and back by an hour.
     past as (
       select ${slotOf('local')} as slot, local::date as day, extract(isodow from local) > 5 as weekend, speed_kmh
       from generate_series(0, ${DAYS}) ago
       cross join lateral (
         select window_start at time zone $5 as local, speed_kmh from traffic_history
         where segment = $1 and speed_kmh is not null
           and window_start >= greatest($2::timestamptz - interval '${DAYS} days', $2 - (ago * 24 + 1) * interval '1 hour')
           and window_start < least($2, least($2 + interval '23 hours', $3 + interval '1 hour') - ago * interval '24 hours')
         offset 0
       ) w
     ),
     usual as (
       select slot, weekend, count(distinct day)::int as days,
         percentile_cont(array[0.1, 0.5, 0.9]) within group (order by speed_kmh) as p
       from past where slot in (select slot from asked)
       group by grouping sets ((slot, weekend), (slot)) having count(distinct day) >= 3
     )
     select distinct on (at) at as "windowStart", p::float8[] as p, days
     from asked join usual on usual.slot = asked.slot and coalesce(usual.weekend, asked.weekend) = asked.weekend
     order by at, usual.weekend nulls last`,
    [segment, from, to, windowMs, timeZone],
  )
  return rows.map(({ windowStart, p: [p10 = 0, p50 = 0, p90 = 0], days }) => ({
    windowStart: windowStart.toISOString(),
    ...{ p10, p50, p90, days },
  }))
}
