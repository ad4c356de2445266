import { LAGS } from '#models/traffic/features.ts'
import { formatInstant, parseInstant } from '#shared/contracts/instant.ts'
import { echo, type FieldError } from '#shared/contracts/problem.ts'
import { convert, type Unit, units } from '#shared/contracts/units.ts'
import type { SeriesForecast } from './answer.ts'
import { type Outlook, outlooksOf, type Predictor, type Series } from './outlook.ts'
import type { SentSeries } from './question.ts'

/** What is expected of each series, in the unit it came in; faults where a unit is none of the model's measure. */
export async function forecastSeries(
  sent: readonly SentSeries[],
  model: Predictor,
): Promise<{ forecasts: SeriesForecast[] } | { faults: FieldError[] }> {
  const scales = sent.map(({ unit }) => scaleOf(unit, model.sidecar.unit))
  const faults = scales.flatMap((scale, i) =>
    'fault' in scale ? [{ path: `/series/${i}/unit`, message: scale.fault }] : [],
  )
  if (faults.length > 0) return { faults }
  const forecasts = new Array<SeriesForecast>(sent.length)
  for (const [until, places] of byInstant(sent)) {
    const series = places.map((i): Series => seriesOf(sent[i] as SentSeries, scales[i] as Scale))
    const outlooks = await outlooksOf(model, until, series)
    const times = timesOf(until, model)
    for (const [n, i] of places.entries())
      forecasts[i] = answerOf(sent[i] as SentSeries, times, outlooks[n], scales[i] as Scale)
  }
  return { forecasts }
}

/** Between the unit of a series and the model's. */
interface Scale {
  unit: string
  toModel(value: number): number
  fromModel(value: number): number
}

function scaleOf(unit: string | undefined, ofModel: string): Scale | { fault: string } {
  const same = (value: number) => value
  if (unit === undefined || unit === ofModel) return { unit: ofModel, toModel: same, fromModel: same }
  const [from, to] = [units.get(unit), units.get(ofModel)]
  if (from === undefined || to === undefined || from.dimension !== to.dimension)
    return { fault: `${echo(unit)} is no unit of what the model tells, which is in ${ofModel}` }
  return { unit, ...between(from, to) }
}

const between = (from: Unit, to: Unit): Omit<Scale, 'unit'> => ({
  toModel: (value) => convert(value, from, to),
  fromModel: (value) => convert(value, to, from),
})

/** Series that end at one instant are each other's neighbours. */
function byInstant(sent: readonly SentSeries[]): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const [i, { until }] of sent.entries()) {
    const at = parseInstant(until) as number
    const group = groups.get(at)
    if (group) group.push(i)
    else groups.set(at, [i])
  }
  return groups
}

function seriesOf({ segment, values }: SentSeries, { toModel }: Scale): Series {
  const series = new Float32Array(LAGS)
  for (const [lag, value] of values.entries()) series[lag] = value === null ? Number.NaN : toModel(value)
  return { segment, values: series }
}

/** The instants of an answer, as text. */
interface Times {
  until: string
  points: { minutes: number; at: string }[]
}

const timesOf = (until: number, { sidecar: { stepMs, horizons } }: Predictor): Times => ({
  until: formatInstant(until),
  points: horizons.map(({ minutes, step }) => ({ minutes, at: formatInstant(until + step * stepMs) })),
})

function answerOf(
  { segment }: SentSeries,
  { until, points: instants }: Times,
  outlook: Outlook | undefined,
  { unit, fromModel }: Scale,
): SeriesForecast {
  const plain = (value: number) => Math.round(Math.max(0, fromModel(value)) * 100) / 100
  const points = outlook
    ? instants.map(({ minutes, at }, h) => ({
        minutes,
        at,
        p10: outlook.band && plain(outlook.band.p10[h] as number),
        p50: plain(outlook.p50[h] as number),
        p90: outlook.band && plain(outlook.band.p90[h] as number),
      }))
    : []
  return { segment, unit, until, source: outlook?.source ?? 'none', points }
}
