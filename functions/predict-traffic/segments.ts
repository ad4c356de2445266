import { NEIGHBOURS } from '#models/traffic/features.ts'
import { formatInstant } from '#shared/contracts/instant.ts'
import type { HttpContext } from '#shared/function/define.ts'
import type { SegmentForecast } from './answer.ts'
import { forecastsOf, withoutScore } from './forecast.ts'
import type { Predictor } from './outlook.ts'
import { newestWindow, readPast } from './read.ts'
import type { InService } from './service.ts'

/** What is expected of each of these segments as of now, in their order; `none` of those nobody knows. */
export async function forecastSegments(
  asked: readonly string[],
  serving: InService,
  { sql, now, settings: { windowMs } }: Pick<HttpContext, 'sql' | 'now' | 'settings'>,
): Promise<SegmentForecast[]> {
  const at = await now()
  const moment = { base: newestWindow(at, windowMs), windowMs, now: at }
  const segments = [...new Set([...asked, ...neighboursOf(asked, serving.model)])]
  const past = await readPast(sql, { ...moment, segments })
  const forecasts = await forecastsOf(past, serving, moment)
  const found = new Map(forecasts.map((forecast) => [forecast?.segment, forecast]))
  return asked.map((segment): SegmentForecast => {
    const forecast = found.get(segment)
    if (forecast) return withoutScore(forecast)
    const [windowStart, madeAt] = [formatInstant(moment.base), formatInstant(at.getTime())]
    return { segment, windowStart, madeAt, source: 'none', model: null, points: [] }
  })
}

/** The segments that the model looks at beside these. */
function neighboursOf(segments: readonly string[], { statistics: { ids, sensors } }: Predictor): string[] {
  const names = [...ids.keys()]
  return segments.flatMap((segment) => {
    const place = ids.get(segment)
    if (place === undefined) return []
    const neighbours = sensors.neighbour.subarray(place * NEIGHBOURS, (place + 1) * NEIGHBOURS)
    return [...neighbours].flatMap((other) => names[other] ?? [])
  })
}
