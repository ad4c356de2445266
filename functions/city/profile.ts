import type { TrafficProfile } from '#shared/contracts/page.ts'
import type { Sql } from '#shared/state/sql.ts'

/** How far back earlier days are looked at. */
const DAYS = 28

/** The place of an instant's window in its local day: windows need not begin at the same times each day. */
const slotOf = (at: string): string => `floor(extract(epoch from (${at} at time zone $5)::time) * 1000 / $4::float8)`

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
       select at, ${slotOf('at')} as slot, extract(isodow from at at time zone $5) > 5 as weekend
       from generate_series($2::timestamptz, $3::timestamptz - interval '1 ms', $4::float8 * interval '1 ms') at
     ),
     past as (
       select ${slotOf('window_start')} as slot, (window_start at time zone $5)::date as day,
         extract(isodow from window_start at time zone $5) > 5 as weekend, speed_kmh
       from traffic_history
       where segment = $1 and speed_kmh is not null
         and window_start >= $2::timestamptz - interval '${DAYS} days' and window_start < $2::timestamptz
     ),
     usual as (
       select slot, weekend, count(distinct day)::int as days,
         percentile_cont(array[0.1, 0.5, 0.9]) within group (order by speed_kmh) as p
       from past group by grouping sets ((slot, weekend), (slot)) having count(distinct day) >= 3
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
