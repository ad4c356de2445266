import type { ForecastSource } from '#shared/contracts/forecast.ts'
import type { RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import type { Sql } from '#shared/state/sql.ts'

const DAY = 24 * 60 * 60 * 1000

interface Made {
  windowStart: Date
  source: ForecastSource
  n: number
}

interface Errors {
  minutes: number
  n: number
  maeKmh: number
  modelKmh: number | null
  persistenceKmh: number | null
}

const ofModel = (sum: string, n: string) =>
  `sum(${sum}) filter (where source = 'model') / nullif(sum(${n}) filter (where source = 'model'), 0)`

/** How forecasting stands: how many segments have one of the newest window and from where, and the day's errors. */
export async function readForecasts(sql: Sql, now: Date): Promise<RuntimeStatus['forecasts']> {
  const [{ rows: made }, { rows: known }, { rows: errors }] = await Promise.all([
    sql.query<Made>(
      `select window_start as "windowStart", source, count(*)::int as n from traffic_forecast
       group by window_start, source order by window_start desc`,
    ),
    sql.query<{ n: number }>('select count(*)::int as n from traffic_status'),
    sql.query<Errors>(
      `select minutes, sum(n)::int as n, sum(absolute) / sum(n) as "maeKmh",
         ${ofModel('absolute', 'n')} as "modelKmh", ${ofModel('persistence_absolute', 'persistence_n')} as "persistenceKmh"
       from forecast_accuracy where hour > $1 group by minutes having sum(n) > 0 order by minutes desc limit 1`,
      [new Date(now.getTime() - DAY)],
    ),
  ])
  const newest = made[0]?.windowStart
  if (!newest) return undefined
  const from = (source: ForecastSource) =>
    made.find((row) => row.windowStart.getTime() === newest.getTime() && row.source === source)?.n ?? 0
  return {
    windowStart: newest.toISOString(),
    segments: known[0]?.n ?? 0,
    sources: { model: from('model'), profile: from('profile'), persistence: from('persistence') },
    farthest: errors[0] ? toFarthest(errors[0]) : null,
  }
}

const toFarthest = ({ minutes, n, maeKmh, modelKmh, persistenceKmh }: Errors) => ({
  ...{ minutes, n, maeKmh },
  model: modelKmh === null || persistenceKmh === null ? null : { maeKmh: modelKmh, persistenceKmh },
})
