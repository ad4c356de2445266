import { z } from 'zod'
import { ForecastPoint, ForecastSource, TrafficForecast } from './forecast.ts'
import { TrafficStatus } from './traffic-status.ts'

/** The newest forecast of a segment: windows that are over when it is asked for are left out of its points. */
export const CurrentForecast = TrafficForecast.omit({ segment: true })
export type CurrentForecast = z.infer<typeof CurrentForecast>

/** A segment and what is expected of it. */
export const SegmentOutlook = z.strictObject({
  ...TrafficStatus.pick({ segment: true, name: true, freeFlowKmh: true }).shape,
  /** Null where nobody said. */
  lengthKm: z.number().positive().nullable(),
  /** Null where nothing is known: there is none, or its window began too long ago (see `freshFor`): more than three windows. */
  forecast: CurrentForecast.nullable(),
})
export type SegmentOutlook = z.infer<typeof SegmentOutlook>

/** What `GET /api/traffic-forecasts` answers: every segment, by name. */
export const TrafficForecasts = z.strictObject({
  /** City time of this answer. */
  asOf: z.iso.datetime(),
  segments: z.array(SegmentOutlook),
})
export type TrafficForecasts = z.infer<typeof TrafficForecasts>

/** A point of a forecast beside what is usual then. */
export const ComparedPoint = ForecastPoint.extend({
  /** The median of the same local time on earlier days, km/h (see `TrafficProfile`); null where there are too few. */
  usualKmh: z.number().nonnegative().nullable(),
})
export type ComparedPoint = z.infer<typeof ComparedPoint>

/** What `GET /api/traffic-status/{segment}/forecast` answers. */
export const SegmentForecast = SegmentOutlook.extend({
  /** City time of this answer. */
  asOf: z.iso.datetime(),
  forecast: CurrentForecast.extend({ points: z.array(ComparedPoint).min(1) }).nullable(),
})
export type SegmentForecast = z.infer<typeof SegmentForecast>

const share = z.number().min(0).max(1)
const kmh = z.number().nonnegative()

/** How far off forecasts were: mean absolute error and root of the mean square, km/h, over `n` of them. */
const ForecastErrors = z.strictObject({ n: z.int().positive(), maeKmh: kmh, rmseKmh: kmh })

/** How well forecasts of so many minutes ahead were met. */
export const HorizonAccuracy = z.strictObject({
  minutes: z.int().positive(),
  ...ForecastErrors.shape,
  /** Share of the speeds that lay within the band, which aims at 0.8; null where no forecast had one. */
  coverage: share.nullable(),
  /** Mean of p90 - p10; null where no forecast had a band. */
  widthKmh: kmh.nullable(),
  /** Share of the forecasts that came from each source. */
  sources: z.record(ForecastSource, share),
  model: ForecastErrors.nullable().describe('Those of the model alone; null where it made none'),
  persistence: ForecastErrors.nullable().describe('What the newest speed would have been in the place of the model'),
  profile: ForecastErrors.nullable().describe('What the usual speed of that time would have been in its place'),
})
export type HorizonAccuracy = z.infer<typeof HorizonAccuracy>

/** What `GET /api/forecast-accuracy?hours=24` answers. */
export const ForecastAccuracy = z.strictObject({
  /** City time of this answer. */
  asOf: z.iso.datetime(),
  /** Windows that began from here on count: the begun hour and as many whole ones before it as were asked for. */
  from: z.iso.datetime(),
  /** Nearest first; one that no forecast was scored for is left out. */
  horizons: z.array(HorizonAccuracy),
})
export type ForecastAccuracy = z.infer<typeof ForecastAccuracy>
