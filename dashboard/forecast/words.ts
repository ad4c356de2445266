import type { ForecastPoint, ForecastSource } from '#shared/contracts/forecast.ts'
import type { ComparedPoint, HorizonAccuracy } from '#shared/contracts/traffic-forecasts.ts'
import { nameOf, type Segments, worstOf } from '../traffic/city.ts'
import { isSlow, lookOf } from '../traffic/levels.ts'
import { counted, plural, whole } from '../traffic/words.ts'
import type { Expected, Standing } from './ahead.ts'

/** Where a forecast comes from, for a narrow place. */
export const SOURCES: Record<ForecastSource, string> = {
  model: 'model',
  profile: 'usual speed',
  persistence: 'newest speed',
}

/** Why no forecast is shown. */
export const WHY_NOT: Record<Exclude<Standing, 'here'>, string> = {
  loading: 'Reading the forecast…',
  failed: 'The forecast cannot be read; trying again.',
  none: 'There is no current forecast: either nothing was measured lately, or none was made.',
  stale: 'The newest forecast is too old to be shown; waiting for another.',
}

/** Why there is none for one segment, while others have one. */
export const NO_FORECAST = 'No forecast for this road: too little has been measured on it lately.'

/** One plain sentence on the whole city as it is expected to be at a time of day. */
export function outlookOf(segments: Segments, time: string): string {
  let [slow, known, expected] = [0, 0, 0]
  for (const { properties } of segments.values()) {
    if (properties.speedKmh !== null) expected += 1
    if (properties.level !== 'unknown') known += 1
    if (isSlow(properties.level)) slow += 1
  }
  if (expected === 0) return `For ${time} there is no forecast for any of ${plural(segments.size, 'segment')}.`
  if (known === 0)
    return `Speeds at ${time} are forecast for ${plural(expected, 'segment')}, but not how slow that is: how fast the empty roads are is not known yet.`
  const some = plural(known, 'segment')
  if (slow === 0) return `Expected at ${time}: no slow traffic on any of ${some}.`
  const [worst] = worstOf(segments, 1)
  const on = `Expected at ${time}: slow or jammed on ${counted(slow)} of ${some}`
  return worst ? `${on}; worst: ${nameOf(worst)}, ${whole(worst.speedKmh)} km/h.` : `${on}.`
}

/** So far from the usual speed people notice, be it within the band. */
const NOTICED = 0.15

function against({ p10Kmh, p50Kmh, p90Kmh }: ForecastPoint, usualKmh: number): string {
  if (p90Kmh !== null && p90Kmh < usualKmh) return 'Slower than usual'
  if (p10Kmh !== null && p10Kmh > usualKmh) return 'Faster than usual'
  if (p50Kmh < (1 - NOTICED) * usualKmh) return 'Probably slower than usual'
  return p50Kmh > (1 + NOTICED) * usualKmh ? 'Probably faster than usual' : 'As usual'
}

/** One plain sentence on what is expected of a segment at a time of day, against what is usual then if that is known. */
export function expectedOf(point: ComparedPoint, time: string, freeFlowKmh: number | null): string {
  const { p50Kmh, usualKmh, level } = point
  const speed = `about ${whole(p50Kmh)} km/h`
  if (usualKmh !== null) return `${against(point, usualKmh)} at ${time}: ${speed}, usually ${whole(usualKmh)}.`
  if (level === 'unknown' || freeFlowKmh === null) return `At ${time} ${speed}.`
  return `Traffic ${lookOf(level).plain} at ${time}: ${speed}, ${whole(freeFlowKmh)} on the empty road.`
}

/** The band that holds 8 of 10 speeds: `18–31`; a dash where the source knows none. */
export const rangeOf = ({ p10Kmh, p90Kmh }: ForecastPoint): string =>
  p10Kmh === null || p90Kmh === null ? '–' : `${whole(p10Kmh)}–${whole(p90Kmh)}`

/** How sure that is. */
export const sureOf = ({ p10Kmh, p90Kmh }: ForecastPoint): string =>
  p10Kmh === null || p90Kmh === null
    ? 'How sure that is cannot be said.'
    : `8 times of 10 it is between ${whole(p10Kmh)} and ${whole(p90Kmh)} km/h.`

/** Slower than so many km/h nobody can say how long it takes. */
const CRAWL = 2

/** How long the way takes, against what is usual then; undefined where that cannot be said. */
export function travelOf(lengthKm: number | null, { p50Kmh, usualKmh }: ComparedPoint): string | undefined {
  if (lengthKm === null || p50Kmh < CRAWL) return undefined
  const seconds = (speed: number) => (lengthKm / speed) * 3600
  const then = seconds(p50Kmh)
  const usual = usualKmh === null || usualKmh < CRAWL ? undefined : seconds(usualKmh)
  // Both in one unit, so that they can be compared at a glance.
  const inMinutes = Math.max(then, usual ?? 0) >= 120 && Math.min(then, usual ?? then) >= 60
  const told = (value: number) => (inMinutes ? Math.round(value / 60) : Math.max(5, 5 * Math.round(value / 5)))
  const unit = inMinutes ? 'min' : 's'
  const way = `This road then takes about ${told(then)} ${unit}`
  if (usual === undefined) return `${way}.`
  return told(usual) === told(then) ? `${way}, as usual.` : `${way}, usually ${told(usual)}.`
}

/** Where a forecast comes from that is not the model's; undefined for the model's own. */
export function originOf(source: ForecastSource): string | undefined {
  if (source === 'model') return undefined
  return source === 'profile'
    ? 'Not from the model, as too little was measured in the last hour: what is usual at that time.'
    : 'Not from the model, which does not know this road: the newest speed, as if nothing changed.'
}

/** How far off forecasts have been. */
export function accuracyOf({ minutes, maeKmh, coverage }: HorizonAccuracy): string {
  const off = `City-wide, the last day's forecasts ${minutes} min ahead were off by ${maeKmh.toFixed(1)} km/h on average`
  if (coverage === null) return `${off}.`
  return `${off}; ${Math.round(100 * coverage)} % of the speeds lay within a band that aims at 80 %.`
}

/** What it means ahead that a level is unknown: there may be a speed all the same. */
export const unknownOf = (expected: Iterable<Expected>): string =>
  [...expected].some(({ point }) => point.level === 'unknown') ? 'Not known' : 'No forecast'

/** How many of the forecasts that are shown are not the model's. */
export function originsOf(expected: Iterable<Expected>): string {
  const counts: Record<ForecastSource, number> = { model: 0, profile: 0, persistence: 0 }
  for (const { source } of expected) counts[source] += 1
  const { profile, persistence } = counts
  const parts = [
    profile > 0 ? `${counted(profile)} from what is usual then` : '',
    persistence > 0 ? `${counted(persistence)} from the newest speed` : '',
  ].filter(Boolean)
  return `Not from the model: ${parts.join(', ') || 'none'}`
}
