import type { ForecastPoint, ForecastSource } from '#shared/contracts/forecast.ts'
import type { CurrentForecast } from '#shared/contracts/traffic-forecasts.ts'
import type { TrafficFeature } from '#shared/contracts/traffic-status.ts'
import type { Segments } from '../traffic/city.ts'
import { isStale } from './city-forecast.ts'
import type { Forecasts } from './forecast-feed.ts'

/** Whether there is something to show, and else why not. */
export type Standing = 'here' | 'loading' | 'failed' | 'none' | 'stale'

/** What is expected of a segment in the window that is shown, and where that comes from. */
export interface Expected {
  point: ForecastPoint
  source: ForecastSource
}

/** The city as it is expected to be in one window ahead. */
export interface Ahead {
  minutes: number
  standing: Standing
  /** Start of that window, city time in milliseconds; undefined where there is no forecast to show. */
  at: number | undefined
  /** Like those of now, but for what is expected; unknown where nothing is. */
  segments: Segments
  expected: ReadonlyMap<string, Expected>
}

/** The moment at which somebody looks: city time, the monotonic clock, and the length of the city's windows. */
export interface Moment {
  asOf: number
  now: number
  windowMs: number
}

const MINUTE = 60_000

/** Shows the city so many minutes ahead; what did not change since `before` stays the same object. */
export function aheadOf(
  forecasts: Forecasts,
  segments: Segments,
  minutes: number,
  moment: Moment,
  before: Ahead | undefined,
): Ahead {
  const standing = standingOf(forecasts, moment)
  const { from, forecasts: known } = forecasts.known ?? {}
  const at = standing === 'here' && from !== undefined ? from + minutes * MINUTE : undefined
  const expected = new Map<string, Expected>()
  const features = new Map<string, TrafficFeature>()
  let changed = before?.segments.size !== segments.size
  for (const [id, feature] of segments) {
    const one = at === undefined ? undefined : expectedAt(known?.get(id), at)
    if (one) expected.set(id, one)
    const shown = before?.segments.get(id)
    const same =
      shown !== undefined && isOf(shown, feature) && before?.expected.get(id)?.point === one?.point ? shown : undefined
    if (!same) changed = true
    features.set(id, same ?? featureAt(feature, one?.point, moment.windowMs))
  }
  if (before && !changed) return before.at === at && before.standing === standing ? before : { ...before, at, standing }
  return { minutes, standing, at, segments: features, expected }
}

/** Whether forecasts can be shown at a moment. */
export function standingOf({ known, failed }: Forecasts, { asOf, now, windowMs }: Moment): Standing {
  if (!known) return failed ? 'failed' : 'loading'
  if (known.from === undefined) return 'none'
  return isStale(known, asOf, now, windowMs) ? 'stale' : 'here'
}

/** What a forecast says of the window that begins at a moment: of one made earlier that is a point further ahead. */
function expectedAt(forecast: CurrentForecast | undefined, at: number): Expected | undefined {
  const point = forecast?.points.find(({ windowStart }) => Date.parse(windowStart) === at)
  return forecast && point && { point, source: forecast.source }
}

/** Whether what is shown was made of this feature, but for how its traffic is now. */
function isOf({ geometry, properties }: TrafficFeature, feature: TrafficFeature): boolean {
  const { name, freeFlowKmh } = feature.properties
  return geometry === feature.geometry && properties.name === name && properties.freeFlowKmh === freeFlowKmh
}

function featureAt(feature: TrafficFeature, point: ForecastPoint | undefined, windowMs: number): TrafficFeature {
  const { segment, name, freeFlowKmh, asOf } = feature.properties
  const speedKmh = point?.p50Kmh ?? null
  const level = point?.level ?? 'unknown'
  const ratio = speedKmh === null || freeFlowKmh === null ? null : speedKmh / freeFlowKmh
  const windowEnd = point ? new Date(Date.parse(point.windowStart) + windowMs).toISOString() : null
  return {
    ...feature,
    properties: {
      ...{ segment, name, level, speedKmh, freeFlowKmh, ratio, asOf },
      jamFactor: ratio === null ? null : Math.min(10, Math.max(0, 10 * (1 - ratio))),
      confidence: 0,
      windowStart: point?.windowStart ?? null,
      windowEnd,
    },
  }
}

const NONE: ReadonlySet<string> = new Set()

/** The segments whose forecast is not the model's. */
export function hollowOf(ahead: Ahead | undefined): ReadonlySet<string> {
  if (!ahead) return NONE
  const found = [...ahead.expected].filter(([, { source }]) => source !== 'model')
  return found.length === 0 ? NONE : new Set(found.map(([segment]) => segment))
}
