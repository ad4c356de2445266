import { useMemo, useRef } from 'react'
import { horizonsOf } from '#models/traffic/window.ts'
import type { Route } from '../route.ts'
import { clockOf } from '../traffic/clock.ts'
import type { Traffic } from '../traffic/store.ts'
import { useNow } from '../ui/use-now.ts'
import { type Ahead, aheadOf, type Standing, standingOf } from './ahead.ts'
import type { ForecastFeed, Forecasts } from './forecast-feed.ts'
import type { Choice } from './time-switch.tsx'
import { useForecasts } from './use-forecasts.ts'

/** What the page shows of the city: now, or ahead. */
export interface Shown {
  /** With the segments as they are shown. */
  traffic: Traffic
  forecasts: Forecasts
  standing: Standing
  /** Undefined for now. */
  ahead: Ahead | undefined
  /** The time of day that is shown ahead; undefined for now, and where nothing can be shown. */
  time: string | undefined
  choices: Choice[]
  /** The time of day from which their minutes are counted; undefined where there is no forecast. */
  from: string | undefined
  /** The route without minutes that no forecast reaches. */
  route: Route
}

const HOUR = 60 * 60_000
const MINUTE = 60_000

/** Shows the city at the time that the address asks for. */
export function useShown(feed: ForecastFeed, traffic: Traffic, asked: Route): Shown {
  const forecasts = useForecasts(feed, traffic)
  const before = useRef<Ahead>(undefined)
  // A city that does not answer gives no other occasion to see that its forecasts have grown old.
  useNow()
  const { asOf, segments, settings } = traffic
  const timeZone = settings?.timeZone ?? null
  const clock = useMemo(() => clockOf(timeZone), [timeZone])
  // Windows of more than an hour are not forecast.
  const horizons =
    settings && settings.windowMs <= HOUR ? horizonsOf(settings.windowMs).map(({ minutes }) => minutes) : []
  const minutes = horizons.find((one) => one === asked.minutes)

  const moment = settings && { asOf, now: performance.now(), windowMs: settings.windowMs }
  before.current =
    minutes === undefined || !moment || asked.view === 'operator'
      ? undefined
      : aheadOf(forecasts, segments, minutes, moment, before.current)
  const ahead = before.current
  const from = forecasts.known?.from
  return {
    traffic: ahead ? { ...traffic, segments: ahead.segments } : traffic,
    forecasts,
    standing: moment ? standingOf(forecasts, moment) : 'loading',
    ahead,
    time: ahead?.at === undefined ? undefined : clock.time(ahead.at),
    choices: [
      { minutes: undefined, time: clock.time(asOf) },
      ...horizons.map((ahead) => ({
        minutes: ahead,
        time: from === undefined ? undefined : clock.time(from + ahead * MINUTE),
      })),
    ],
    from: from === undefined ? undefined : clock.time(from),
    route: { ...asked, minutes },
  }
}
