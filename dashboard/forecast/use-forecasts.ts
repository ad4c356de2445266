import { useEffect, useSyncExternalStore } from 'react'
import type { Traffic } from '../traffic/store.ts'
import type { ForecastFeed, Forecasts } from './forecast-feed.ts'

/** The forecasts of the city, as they change; read again as its time goes on. */
export function useForecasts(feed: ForecastFeed, traffic: Traffic): Forecasts {
  const { asOf, segments, settings } = traffic
  const windowMs = settings?.windowMs
  // The segments are other ones whenever the city told something, also where its time stands still.
  // biome-ignore lint/correctness/useExhaustiveDependencies: every news is an occasion to look
  useEffect(() => {
    if (asOf > 0 && windowMs !== undefined) feed.look(asOf, windowMs)
  }, [feed, asOf, segments, windowMs])
  return useSyncExternalStore(feed.subscribe, feed.get)
}
