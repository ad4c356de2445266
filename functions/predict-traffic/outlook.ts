import { type FeatureSensors, LAGS, type Moment, NEIGHBOURS, writeFeatures } from '#models/traffic/features.ts'
import type { Bands, Model } from '#models/traffic/model.ts'
import type { ForecastSource } from '#shared/contracts/forecast.ts'

/** What forecasts are made with: a model in memory. */
export type Predictor = Pick<Model, 'sidecar' | 'statistics'> & {
  /** As a model's; undefined where the run fails, which it has said. */
  run(x: Float32Array, rows: number): Promise<Bands | undefined>
}

/** The last readings of one segment at equal steps. */
export interface Series {
  segment: string
  /** LAGS values, newest last; NaN = missing. */
  values: Float32Array
}

/** What is expected of a segment: a value at each horizon, in the unit of its series; the band only where a model gave one. */
export interface Outlook {
  source: ForecastSource
  p50: number[]
  band: { p10: number[]; p90: number[] } | null
  /** What the simpler forecasts say: the newest value, which is not too old, and what is usual then. */
  persistence: number | null
  profile: number[] | null
}

/** So many steps old may the newest value be that is taken for the one to come. */
const OLDEST_NEWEST = 3

/** The newest value that is not too old; null where there is none. */
function newestOf(values: Float32Array): number | null {
  const value = values.subarray(-1 - OLDEST_NEWEST).findLast((one) => !Number.isNaN(one))
  return value === undefined || !Number.isFinite(value) ? null : value
}

/** What persistence alone expects at so many horizons; undefined where there is nothing to go by. */
export function withoutModel({ values }: Series, horizons: number): Outlook | undefined {
  const persistence = newestOf(values)
  if (persistence === null) return undefined
  return { source: 'persistence', p50: Array(horizons).fill(persistence), band: null, persistence, profile: null }
}

/**
 * What is expected of each segment, all series ending at one instant and in the unit of the model: by the model in one
 * run; where its readings do not suffice, or it gives no number or fails, by what is usual; where the model does not know the
 * segment, by its newest value; undefined where nothing tells.
 */
export async function outlooksOf(
  model: Predictor,
  until: number,
  series: readonly Series[],
): Promise<(Outlook | undefined)[]> {
  const { sidecar, statistics } = model
  const { horizons, steps } = sidecar
  const rowOf = new Map<Series, number>()
  for (const one of series) if (statistics.ids.has(one.segment)) rowOf.set(one, rowOf.size)
  const known = [...rowOf.keys()]
  const places = known.map(({ segment }) => statistics.ids.get(segment) as number)
  const moment = momentOf(model, until, known, places)
  const rows = {
    x: new Float32Array(known.length * sidecar.features.length),
    usable: new Uint8Array(known.length),
    last: new Float32Array(known.length),
  }
  writeFeatures(moment, only(statistics.sensors, places), sidecar.scaling.centre, rows)
  const bands = rows.usable.includes(1) ? await model.run(rows.x, known.length) : undefined

  return series.map((one) => {
    const row = rowOf.get(one)
    if (row === undefined) return withoutModel(one, horizons.length)
    const profile = horizons.map((_, h) => moment.profile[(LAGS + h) * known.length + row] as number)
    const simple = { persistence: newestOf(one.values), profile }
    const [p10, p50, p90] = (['p10', 'p50', 'p90'] as const).map((name) =>
      horizons.map(({ step }) => bands?.[name][row * steps + step - 1] ?? Number.NaN),
    ) as [number[], number[], number[]]
    return rows.usable[row] === 1 && [...p10, ...p50, ...p90].every(Number.isFinite)
      ? { source: 'model', p50, band: { p10, p90 }, ...simple }
      : { source: 'profile', p50: profile, band: null, ...simple }
  })
}

function momentOf(
  { sidecar: { stepMs, horizons }, statistics }: Predictor,
  until: number,
  series: readonly Series[],
  places: readonly number[],
): Moment {
  const n = series.length
  const readings = new Float32Array(LAGS * n)
  for (const [i, { values }] of series.entries())
    for (let lag = 0; lag < LAGS; lag++) readings[lag * n + i] = values[lag] as number
  const steps = [...Array.from({ length: LAGS }, (_, lag) => lag - LAGS + 1), ...horizons.map(({ step }) => step)]
  const profile = new Float32Array(steps.length * n)
  for (const [at, step] of steps.entries()) {
    const usual = statistics.profileAt(until + step * stepMs)
    for (let i = 0; i < n; i++) profile[at * n + i] = usual[places[i] as number] as number
  }
  const { dayShare, weekend } = statistics.localTime(until)
  return { readings, profile, dayShare, weekend }
}

/** The statistics of some sensors alone; a neighbour that is not among them is none. */
function only({ mean, sd, neighbour, weight }: FeatureSensors, places: readonly number[]): FeatureSensors {
  const placeOf = new Map(places.map((place, i) => [place, i]))
  const pick = (values: Float32Array) => Float32Array.from(places, (place) => values[place] as number)
  const some = {
    mean: pick(mean),
    sd: pick(sd),
    neighbour: new Int32Array(places.length * NEIGHBOURS),
    weight: new Float32Array(places.length * NEIGHBOURS),
  }
  for (const [i, place] of places.entries())
    for (let n = 0; n < NEIGHBOURS; n++) {
      some.neighbour[i * NEIGHBOURS + n] = placeOf.get(neighbour[place * NEIGHBOURS + n] as number) ?? -1
      some.weight[i * NEIGHBOURS + n] = weight[place * NEIGHBOURS + n] as number
    }
  return some
}
