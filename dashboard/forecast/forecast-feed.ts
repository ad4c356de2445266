import type { TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import { type CityForecast, cityForecastOf, nextDue } from './city-forecast.ts'

/** What is known of the city's forecasts. */
export interface Forecasts {
  /** Undefined until they could be read once. */
  known: CityForecast | undefined
  /** The newest could not be read. */
  failed: boolean
}

/** Holds the forecasts of the city, and reads them as often as there may be newer ones. */
export interface ForecastFeed {
  get(): Forecasts
  subscribe(listener: () => void): () => void
  /** Says what time it is in the city; reads where newer forecasts are due. */
  look(asOf: number, windowMs: number): void
}

/** However fast the city's time goes. */
const LEAST_MS = 10_000

/** Makes a feed that has read nothing; `now` is the monotonic clock in milliseconds. */
export function forecastFeed(read: () => Promise<TrafficForecasts>, now: () => number): ForecastFeed {
  const listeners = new Set<() => void>()
  let state: Forecasts = { known: undefined, failed: false }
  let nextAt = Number.NEGATIVE_INFINITY

  const show = (next: Forecasts) => {
    state = next
    for (const listener of listeners) listener()
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    look(asOf, windowMs) {
      if (now() < nextAt) return
      if (state.known && asOf < nextDue(state.known, windowMs)) return
      // Not before this one is answered, and then after a while.
      nextAt = Number.POSITIVE_INFINITY
      read().then(
        (answer) => {
          nextAt = now() + LEAST_MS
          show({ known: cityForecastOf(answer, now()), failed: false })
        },
        () => {
          nextAt = now() + LEAST_MS
          show({ known: state.known, failed: true })
        },
      )
    },
  }
}
