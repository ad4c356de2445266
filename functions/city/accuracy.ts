import type { ForecastAccuracy, HorizonAccuracy } from '#shared/contracts/traffic-forecasts.ts'
import type { Sql } from '#shared/state/sql.ts'

type Sum = 'n' | 'absolute' | 'squared'

/**
 * Sums over the forecasts of one horizon that were scored: absolutes and squares of errors in km/h. Those of the simpler
 * forecasts are over what the model forecast, which has both beside it: else they would stand for other speeds.
 */
type Row = Record<'minutes' | 'banded' | 'covered' | 'width' | Sum, number> &
  Record<`${'model' | 'profile' | 'persistence'}_${Sum}` | 'by_profile' | 'by_persistence', number>

const sum = (column: string) => `sum(${column})::float8 as ${column}`
const sumOf = (column: string, source: string, name: string) =>
  `coalesce(sum(${column}) filter (where source = '${source}'), 0)::float8 as ${name}`

const QUERY = `select minutes, ${[
  ...['n', 'absolute', 'squared', 'banded', 'covered', 'width'].map(sum),
  ...['n', 'absolute', 'squared'].flatMap((of) => [
    sumOf(of, 'model', `model_${of}`),
    sumOf(`persistence_${of}`, 'model', `persistence_${of}`),
    sumOf(`profile_${of}`, 'model', `profile_${of}`),
  ]),
  ...['profile', 'persistence'].map((source) => sumOf('n', source, `by_${source}`)),
].join(', ')} from forecast_accuracy where hour >= $1 group by minutes having sum(n) > 0 order by minutes`

/** How well the forecasts for windows from this hour on were met, the nearest horizon first. */
export async function readAccuracy(sql: Sql, since: Date): Promise<ForecastAccuracy['horizons']> {
  const { rows } = await sql.query<Row>(QUERY, [since])
  return rows.map(toHorizon)
}

function toHorizon(row: Row): HorizonAccuracy {
  const { minutes, n, banded } = row
  return {
    minutes,
    ...errors(n, row.absolute, row.squared),
    coverage: banded > 0 ? row.covered / banded : null,
    widthKmh: banded > 0 ? row.width / banded : null,
    sources: { model: row.model_n / n, profile: row.by_profile / n, persistence: row.by_persistence / n },
    model: errorsOrNone(row.model_n, row.model_absolute, row.model_squared),
    persistence: errorsOrNone(row.persistence_n, row.persistence_absolute, row.persistence_squared),
    profile: errorsOrNone(row.profile_n, row.profile_absolute, row.profile_squared),
  }
}

const errors = (n: number, absolute: number, squared: number) => ({
  n,
  maeKmh: absolute / n,
  rmseKmh: Math.sqrt(squared / n),
})

const errorsOrNone = (n: number, absolute: number, squared: number) => (n > 0 ? errors(n, absolute, squared) : null)
