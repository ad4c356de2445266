import type { Settings } from '#shared/function/define.ts'
import type { Sql } from '#shared/state/sql.ts'

/** Forecasts scored in one unit at most, the oldest first: those of 2,500 segments, each of which has four due a tick. */
const CHUNK = 10_000

/** City time that a point waits for a state of a later window: a road that is silent for longer has nothing to tell. */
const WAITS_MS = 86_400_000

const SUMS = [
  'n',
  'absolute',
  'squared',
  'banded',
  'covered',
  'width',
  'persistence_n',
  'persistence_absolute',
  'persistence_squared',
  'profile_n',
  'profile_absolute',
  'profile_squared',
]

/**
 * Holds each point whose window can change no more against the speed of that window, by the hour it began in; a window
 * without a speed counts for none. States may lag behind the clock, so a window is over once its segment has a later one. A forecast moves on past its scored points in the same statement, so each counts once.
 */
export async function scoreForecasts(
  sql: Sql,
  now: Date,
  { windowMs, lateAfterMs }: Pick<Settings, 'windowMs' | 'lateAfterMs'>,
): Promise<void> {
  await sql.query(
    `with over as materialized (
       select segment, least($1, greatest($2, coalesce(window_start, '-infinity') - interval '1 ms')) as at
       from traffic_status
     ),
     due as (
       select f.ctid as place, f.scored,
         (select count(*) from unnest(f.minutes) m where f."window" + m * interval '1 minute' <= over.at)::int as until
       from forecast f join over using (segment)
       where f.scored < cardinality(f.minutes) and f."window" + f.minutes[f.scored + 1] * interval '1 minute' <= over.at
       order by f."window", f.segment limit ${CHUNK} for update of f
     ),
     passed as (
       update forecast f set scored = due.until from due
       where f.ctid = due.place returning f.*, due.scored as before
     ),
     met as (
       select date_trunc('hour', m.at, 'UTC') as hour, f.minutes[i] as minutes, f.source,
         f.p50[i] - h.speed_kmh as error, f.p90[i] - f.p10[i] as width, h.speed_kmh between f.p10[i] and f.p90[i] as is_covered,
         f.persistence - h.speed_kmh as persistence, f.profile[i] - h.speed_kmh as profile
       from passed f
       cross join lateral generate_series(f.before + 1, f.scored) i
       cross join lateral (select f."window" + f.minutes[i] * interval '1 minute' as at) m
       cross join lateral (
         select speed_kmh from traffic_history where segment = f.segment and window_start = m.at limit 1
       ) h
       where h.speed_kmh is not null
     )
     insert into forecast_score as t (hour, minutes, source, ${SUMS.join(', ')})
     select hour, minutes, source, count(*), sum(abs(error)), sum(error ^ 2),
       count(width), count(*) filter (where is_covered), coalesce(sum(width), 0),
       count(persistence), coalesce(sum(abs(persistence)), 0), coalesce(sum(persistence ^ 2), 0),
       count(profile), coalesce(sum(abs(profile)), 0), coalesce(sum(profile ^ 2), 0)
     from met group by hour, minutes, source order by hour, minutes, source
     on conflict (hour, minutes, source) do update set ${SUMS.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')}`,
    [new Date(now.getTime() - windowMs - lateAfterMs), new Date(now.getTime() - WAITS_MS)],
  )
}

/** How far off the forecasts of one horizon were over a day, km/h; null where there was none of the kind. */
export interface Accuracy {
  minutes: number
  served: Errors
  /** The model's, and what the simpler forecasts would have been at the same points: it has both wherever it forecasts. */
  model: Errors | null
  persistence: Errors | null
  profile: Errors | null
  /** Share of the speeds that lay within the band. */
  coverage: number | null
}

/** Mean absolute error, and root of the mean square. */
export interface Errors {
  mae: number
  rmse: number
}

type Sums = Record<'minutes' | 'n' | 'absolute' | 'squared' | 'banded' | 'covered', number> &
  Record<`model_${'' | 'persistence_' | 'profile_'}${'n' | 'absolute' | 'squared'}`, number>

const BY_MODEL = SUMS.map(
  (name) => `coalesce(sum(${name}) filter (where source = 'model'), 0)::float8 as model_${name}`,
)

const DAY_MS = 86_400_000

/** The accuracy of each horizon over the last 24 hours, nearest first. */
export async function readAccuracy(sql: Sql, now: Date): Promise<Accuracy[]> {
  const { rows } = await sql.query<Sums>(
    `select minutes, ${[...SUMS.map((name) => `sum(${name})::float8 as ${name}`), ...BY_MODEL].join(', ')}
     from forecast_score where hour > $1 group by minutes order by minutes`,
    [new Date(now.getTime() - DAY_MS)],
  )
  return rows.map((row) => ({
    minutes: row.minutes,
    served: { mae: row.absolute / row.n, rmse: Math.sqrt(row.squared / row.n) },
    model: errorsOf(row.model_n, row.model_absolute, row.model_squared),
    persistence: errorsOf(row.model_persistence_n, row.model_persistence_absolute, row.model_persistence_squared),
    profile: errorsOf(row.model_profile_n, row.model_profile_absolute, row.model_profile_squared),
    coverage: row.banded === 0 ? null : row.covered / row.banded,
  }))
}

const errorsOf = (n: number, absolute: number, squared: number): Errors | null =>
  n === 0 ? null : { mae: absolute / n, rmse: Math.sqrt(squared / n) }
