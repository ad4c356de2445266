import {
  type Refusal,
  type SensorHealth,
  type SensorHealthPage,
  SensorTrouble,
} from '#shared/contracts/sensor-health.ts'
import type { Sql } from '#shared/state/sql.ts'
import type { SensorQuery } from './query.ts'

/** A sensor with its newest refusal, beside the counts of all; that of no name stands for what no known sensor sent. */
interface Row {
  counts: SensorHealthPage['counts']
  device: string
  segment: string | null
  silent: boolean
  malformed: boolean
  late: boolean
  rank: number
  lastObservedAt: Date | null
  lastReceivedAt: Date | null
  late24h: number
  refused24h: number
  flagged24h: number
  refusedAt: Date | null
  code: string | null
  error: string | null
}

const wanted = SensorTrouble.options.map((trouble) => `when '${trouble}' then ${trouble}`).join(' ')

// All sensors are judged, for the counts; only those of the page are asked for their newest refusal.
const QUERY = `
  with judged as materialized (
    select *, case when silent then 0 when malformed then 1 when late then 2 else 3 end as rank
    from (
      select device, segment, last_observed_at, last_received_at, late as late_n, refused as refused_n,
        flagged as flagged_n, coalesce(last_observed_at, '-infinity') < $2 as silent, refused + flagged > 0 as malformed,
        late > 0 as late
      from sensor_health($1)
    ) h
  )
  select c.counts, p.device, p.segment, p.silent, p.malformed, p.late, p.rank, p.last_observed_at as "lastObservedAt",
    p.last_received_at as "lastReceivedAt", p.late_n as "late24h", p.refused_n as "refused24h",
    p.flagged_n as "flagged24h", r.last_at as "refusedAt", r.code, r.error
  from (
    select json_build_object('ok', count(*) filter (where rank = 3), 'silent', count(*) filter (where silent),
      'malformed', count(*) filter (where malformed), 'late', count(*) filter (where late)) as counts
    from judged where device <> ''
  ) c
  cross join (
    (select * from judged
     where device <> '' and (rank, device collate "C") > ($3::int, $4::text)
       and case $5::text ${wanted} when 'ok' then rank = 3 else true end
     order by rank, device collate "C" limit $6)
    union all
    select * from judged where device = ''
  ) p
  left join lateral (select * from last_refusal l where l.device = p.device limit 1) r on true
  order by p.rank, p.device collate "C"`

/** One page of the sensors as they are at this city time, and behind what the next begins; undefined on the last. */
export async function readSensors(
  sql: Sql,
  { state, after, limit }: SensorQuery,
  { asOf, silentAfterMs }: { asOf: Date; silentAfterMs: number },
): Promise<{ page: SensorHealthPage; next: string | undefined }> {
  const silentBefore = new Date(asOf.getTime() - silentAfterMs)
  const { rank, device } = after ?? { rank: -1, device: '' }
  const { rows } = await sql.query<Row>(QUERY, [asOf, silentBefore, rank, device, state ?? null, limit + 1])
  const strangers = rows.find((row) => row.device === '') as Row
  const found = rows.filter((row) => row !== strangers)
  const last = found[limit] && found[limit - 1]
  return {
    page: {
      asOf: asOf.toISOString(),
      silentAfterMs,
      counts: strangers.counts,
      strangers: { refused24h: strangers.refused24h, lastRefusal: toRefusal(strangers) },
      sensors: found.slice(0, limit).map(toSensor),
    },
    next: last && `${last.rank}:${last.device}`,
  }
}

function toSensor(row: Row): SensorHealth {
  const troubles = SensorTrouble.options.filter((trouble) => row[trouble])
  return {
    device: row.device,
    segment: row.segment,
    states: troubles.length === 0 ? ['ok'] : troubles,
    lastObservedAt: row.lastObservedAt?.toISOString() ?? null,
    lastReceivedAt: row.lastReceivedAt?.toISOString() ?? null,
    late24h: row.late24h,
    refused24h: row.refused24h,
    flagged24h: row.flagged24h,
    lastRefusal: toRefusal(row),
  }
}

const toRefusal = ({ refusedAt, code, error }: Row): Refusal | null =>
  refusedAt && { at: refusedAt.toISOString(), code: code ?? '', error: error ?? '' }
