import type { SegmentForecast } from '#shared/contracts/traffic-forecasts.ts'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import type { Past } from './past.ts'
import { type Series, seriesOf } from './series.ts'

/** The hour before and the hour after, as columns of equal length; null where nothing is known. */
export interface HourSeries extends Series {
  /** The band that holds 8 of 10 speeds, and what is expected within it. */
  low: (number | null)[]
  high: (number | null)[]
  expected: (number | null)[]
  /** City time in milliseconds. */
  now: number
}

const HOUR = 60 * 60_000

/** Puts a forecast beside what was measured and what is usual; it begins at the speed it was made from. */
export function hourOf(
  { states, slots }: Pick<Past, 'states' | 'slots'>,
  status: TrafficStatus,
  forecast: NonNullable<SegmentForecast['forecast']>,
  { windowMs, now }: { windowMs: number; now: number },
): HourSeries {
  const base = Date.parse(forecast.windowStart)
  const series = seriesOf({ from: base - HOUR, to: base + HOUR + windowMs, states, slots }, status, windowMs)
  const empty = () => series.times.map((): number | null => null)
  const hour: HourSeries = { ...series, level: [...series.level], low: empty(), high: empty(), expected: empty(), now }
  const put = (at: number, low: number | null, expected: number | null, high: number | null) => {
    const i = series.times.indexOf(at)
    if (i < 0) return
    hour.low[i] = low
    hour.expected[i] = expected
    hour.high[i] = high
  }
  const start = series.speed[series.times.indexOf(base)] ?? null
  put(base, start, start, start)
  for (const { windowStart, p10Kmh, p50Kmh, p90Kmh, level } of forecast.points) {
    const at = Date.parse(windowStart)
    put(at, p10Kmh, p50Kmh, p90Kmh)
    const i = series.times.indexOf(at)
    if (i >= 0 && series.speed[i] === null) hour.level[i] = level
  }
  return hour
}
