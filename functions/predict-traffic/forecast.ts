import { horizonsOf } from '#models/traffic/window.ts'
import type { ForecastPoint, TrafficForecast } from '#shared/contracts/forecast.ts'
import { formatInstant } from '#shared/contracts/instant.ts'
import { flowLevel, type Level } from '#shared/contracts/traffic.ts'
import { type Outlook, outlooksOf, type Series, withoutModel } from './outlook.ts'
import type { SegmentPast } from './read.ts'
import type { InService } from './service.ts'

/** A forecast with what the simpler ones say, in km/h, to be scored beside it. */
export interface ScoredForecast extends TrafficForecast {
  persistenceKmh: number | null
  profileKmh: number[] | null
}

/** The forecast as it is told. */
export const withoutScore = ({ persistenceKmh: _, profileKmh: __, ...forecast }: ScoredForecast): TrafficForecast =>
  forecast

/** The window forecasts are made from, and when. */
export interface Moment {
  /** Start of the window, ms since 1970. */
  base: number
  windowMs: number
  now: Date
}

/** The forecast of each segment, by the model where it serves the city, else without; undefined where nothing tells. */
export async function forecastsOf(
  past: readonly SegmentPast[],
  inService: InService,
  moment: Moment,
): Promise<(ScoredForecast | undefined)[]> {
  const { model } = inService
  const kmh = 'kmh' in inService ? inService.kmh : undefined
  const horizons = kmh === undefined ? horizonsOf(moment.windowMs) : model.sidecar.horizons
  const series = past.map(
    ({ segment, speeds }): Series => ({ segment, values: speeds.map((speed) => speed / (kmh ?? 1)) }),
  )
  const outlooks =
    kmh === undefined
      ? series.map((one) => withoutModel(one, horizons.length))
      : await outlooksOf(model, moment.base, series)
  const made = {
    windowStart: formatInstant(moment.base),
    madeAt: formatInstant(moment.now.getTime()),
    instants: horizons.map(({ minutes, step }) => ({
      minutes,
      windowStart: formatInstant(moment.base + step * moment.windowMs),
    })),
  }
  return outlooks.map((outlook, i) => outlook && inKmh(outlook, past[i] as SegmentPast, made, kmh ?? 1, model.id))
}

interface Made {
  windowStart: string
  madeAt: string
  /** Of each point. */
  instants: Pick<ForecastPoint, 'minutes' | 'windowStart'>[]
}

function inKmh(
  { source, p50, band, persistence, profile }: Outlook,
  { segment, freeFlowKmh }: SegmentPast,
  { instants, ...made }: Made,
  kmh: number,
  model: string,
): ScoredForecast {
  const toKmh = (value: number) => roundSpeed(value * kmh)
  const points = instants.map((instant, h): ForecastPoint => {
    const p50Kmh = toKmh(p50[h] as number)
    return {
      ...instant,
      p10Kmh: band && toKmh(band.p10[h] as number),
      p50Kmh,
      p90Kmh: band && toKmh(band.p90[h] as number),
      level: levelOf(p50Kmh, freeFlowKmh),
    }
  })
  return {
    ...{ segment, ...made, source, model: source === 'model' ? model : null, points },
    persistenceKmh: persistence === null ? null : toKmh(persistence),
    profileKmh: profile?.map(toKmh) ?? null,
  }
}

/** To 0.1 km/h, as states are. */
const roundSpeed = (kmh: number): number => Math.round(Math.max(0, kmh) * 10) / 10

const levelOf = (speedKmh: number, freeFlowKmh: number | null): Level =>
  freeFlowKmh === null || freeFlowKmh <= 0 ? 'unknown' : flowLevel(speedKmh / freeFlowKmh)
