import { z } from 'zod'
import { Level } from './traffic.ts'

/** Where a forecast comes from: the model, else what is usual at that time, else the newest speed itself. */
export const ForecastSource = z.enum(['model', 'profile', 'persistence'])
export type ForecastSource = z.infer<typeof ForecastSource>

const speed = z.number().nonnegative()

/** What is expected of a segment in one window ahead. */
export const ForecastPoint = z.strictObject({
  /** From the start of the window the forecast is made from to the start of this one. */
  minutes: z.int().positive(),
  windowStart: z.iso.datetime(),
  /** The band that holds 80 of 100 speeds, km/h; null where the source knows none. */
  p10Kmh: speed.nullable(),
  p50Kmh: speed,
  p90Kmh: speed.nullable(),
  /** Flow level of `p50Kmh` on this road; unknown where its free-flow speed is. */
  level: Level,
})
export type ForecastPoint = z.infer<typeof ForecastPoint>

/** What is expected of one segment: what `traffic.forecasts` carries. */
export const TrafficForecast = z.strictObject({
  segment: z.string().min(1).max(128),
  /** The newest complete window when it was made. */
  windowStart: z.iso.datetime(),
  /** City time. */
  madeAt: z.iso.datetime(),
  source: ForecastSource,
  /** SHA-256 of the model's sidecar; null where no model is behind it. */
  model: z.string().nullable(),
  /** Nearest first. */
  points: z.array(ForecastPoint).min(1),
})
export type TrafficForecast = z.infer<typeof TrafficForecast>

/** `segment|windowStart`: a segment has one forecast a window. */
export const trafficForecastId = ({ segment, windowStart }: TrafficForecast): string => `${segment}|${windowStart}`
