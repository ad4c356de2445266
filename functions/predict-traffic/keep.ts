import type { Sql } from '#shared/state/sql.ts'
import { upsertMany } from '#shared/state/upsert.ts'
import type { ScoredForecast } from './forecast.ts'

const COLUMNS = [
  { name: 'segment', type: 'text' },
  { name: '"window"', type: 'timestamptz' },
  { name: 'made_at', type: 'timestamptz' },
  { name: 'source', type: 'text' },
  { name: 'model', type: 'text' },
  { name: 'minutes', type: 'int[]' },
  { name: 'p10', type: 'float8[]' },
  { name: 'p50', type: 'float8[]' },
  { name: 'p90', type: 'float8[]' },
  { name: 'level', type: 'text[]' },
  { name: 'persistence', type: 'float8' },
  { name: 'profile', type: 'float8[]' },
]

/** Writes forecasts into their table, from which they are scored. */
export async function keepForecasts(sql: Sql, forecasts: readonly ScoredForecast[]): Promise<void> {
  await upsertMany(sql, {
    table: 'forecast',
    columns: COLUMNS,
    keys: 2,
    rows: forecasts.map(({ segment, windowStart, madeAt, source, model, points, persistenceKmh, profileKmh }) => [
      segment,
      windowStart,
      madeAt,
      source,
      model,
      points.map(({ minutes }) => minutes),
      points.some(({ p10Kmh }) => p10Kmh === null) ? null : points.map(({ p10Kmh }) => p10Kmh),
      points.map(({ p50Kmh }) => p50Kmh),
      points.some(({ p90Kmh }) => p90Kmh === null) ? null : points.map(({ p90Kmh }) => p90Kmh),
      points.map(({ level }) => level),
      persistenceKmh,
      profileKmh,
    ]),
  })
}

/** City time that forecasts and scores stay. */
const KEPT = { forecastsMs: 2 * 86_400_000, scoresMs: 90 * 86_400_000 }
/** Forecasts purged at once: more than a tick makes of a large city. */
const CHUNK = 20_000

/** Purges the oldest forecasts, a chunk at most. */
export async function purgeForecasts(sql: Sql, now: Date): Promise<void> {
  await sql.query(
    `delete from forecast
     where ctid = any (array(select ctid from forecast where "window" < $1 order by "window" limit ${CHUNK}))`,
    [new Date(now.getTime() - KEPT.forecastsMs)],
  )
}

/** Purges the scores that are kept no longer: there are some hundred a day. */
export async function purgeScores(sql: Sql, now: Date): Promise<void> {
  await sql.query('delete from forecast_score where hour < $1', [new Date(now.getTime() - KEPT.scoresMs)])
}
