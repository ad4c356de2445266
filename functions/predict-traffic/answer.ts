import { z } from 'zod'
import { ForecastPoint, ForecastSource, TrafficForecast } from '#shared/contracts/forecast.ts'

/** Where a forecast comes from; `none` where nothing told, and there are no points. */
const Source = z.enum([...ForecastSource.options, 'none'])

/** A forecast of a segment of the city, as `traffic.forecasts` carries it. */
export const SegmentForecast = TrafficForecast.extend({ source: Source, points: z.array(ForecastPoint) })
export type SegmentForecast = z.infer<typeof SegmentForecast>

const value = z.number().nonnegative()

/** A forecast of a series, in its unit. */
export const SeriesForecast = z.strictObject({
  segment: z.string(),
  unit: z.string(),
  until: z.iso.datetime(),
  source: Source,
  points: z.array(
    z.strictObject({
      minutes: z.int().positive(),
      at: z.iso.datetime(),
      p10: value.nullable(),
      p50: value,
      p90: value.nullable(),
    }),
  ),
})
export type SeriesForecast = z.infer<typeof SeriesForecast>

/** What `POST /` answers, in the order of what was asked. */
export const Answer = z.strictObject({
  /** SHA-256 of the sidecar of the model in service. */
  model: z.string(),
  forecasts: z.union([z.array(SegmentForecast), z.array(SeriesForecast)]),
})
export type Answer = z.infer<typeof Answer>

/** What `GET /` tells of the model in service. */
export const ModelInService = z.strictObject({
  model: z.string(),
  title: z.string(),
  measure: z.string(),
  unit: z.string(),
  stepMinutes: z.number().positive(),
  /** What it was trained on. */
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  segments: z.int().positive(),
  minutes: z.array(z.int().positive()),
  /** Why it does not serve this city; null where it does. */
  unfit: z.string().nullable(),
})
export type ModelInService = z.infer<typeof ModelInService>
