import { freshFor } from '#shared/contracts/fresh-forecast.ts'
import type { CurrentForecast, TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'

const MADE_AFTER_MS = 60_000

/** The newest forecasts of all segments, as they were read. */
export interface CityForecast {
  /** City time in milliseconds when they were read. */
  asOf: number
  /** When they were read, by the monotonic clock in milliseconds. */
  readAt: number
  forecasts: ReadonlyMap<string, CurrentForecast>
  /** Start of the newest window that any of them was made from; undefined where there is none. */
  from: number | undefined
  /** City time when the newest was made; undefined where there is none. */
  madeAt: number | undefined
}

/** Takes an answer of the city. */
export function cityForecastOf({ asOf, segments }: TrafficForecasts, readAt: number): CityForecast {
  const known = segments.flatMap(({ segment, forecast }) => (forecast ? [[segment, forecast] as const] : []))
  const newest = (moments: string[]) => (moments.length === 0 ? undefined : Math.max(...moments.map(Date.parse)))
  return {
    asOf: Date.parse(asOf),
    readAt,
    forecasts: new Map(known),
    from: newest(known.map(([, { windowStart }]) => windowStart)),
    madeAt: newest(known.map(([, { madeAt }]) => madeAt)),
  }
}

/** From which city time on there may be newer ones: they are made a minute after the end of each window. */
export const nextDue = ({ from }: CityForecast, windowMs: number): number =>
  from === undefined ? 0 : from + 2 * windowMs + MADE_AFTER_MS

/** Whether they are too old to be shown; a city that does not answer has lived on at least as long as the page. */
export function isStale({ asOf, readAt, from }: CityForecast, at: number, now: number, windowMs: number): boolean {
  return from !== undefined && Math.max(at, asOf + now - readAt) - from > freshFor(windowMs)
}
