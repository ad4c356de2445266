import type { ForecastPoint } from '#shared/contracts/forecast.ts'
import type {
  ComparedPoint,
  CurrentForecast,
  HorizonAccuracy,
  SegmentOutlook,
  TrafficForecasts,
} from '#shared/contracts/traffic-forecasts.ts'

/** A point for tests: slow at half past eight, half an hour ahead of the window that began at eight. */
export const pointOf = (told: Partial<ForecastPoint> = {}): ForecastPoint => ({
  minutes: 30,
  windowStart: '2012-03-01T08:30:00.000Z',
  p10Kmh: 18,
  p50Kmh: 24,
  p90Kmh: 31,
  level: 'slow',
  ...told,
})

/** The same beside what is usual then. */
export const comparedOf = (told: Partial<ComparedPoint> = {}): ComparedPoint => ({
  ...pointOf(),
  usualKmh: 43,
  ...told,
})

/** A model's forecast for tests, made at six past eight. */
export const forecastOf = (told: Partial<CurrentForecast> = {}): CurrentForecast => ({
  windowStart: '2012-03-01T08:00:00.000Z',
  madeAt: '2012-03-01T08:06:00.000Z',
  source: 'model',
  model: 'a'.repeat(64),
  points: [
    pointOf({
      minutes: 15,
      windowStart: '2012-03-01T08:15:00.000Z',
      p10Kmh: 28,
      p50Kmh: 33,
      p90Kmh: 38,
      level: 'heavy',
    }),
    pointOf(),
  ],
  ...told,
})

/** An answer for tests, read at seven past eight. */
export const answerOf = (...told: (Partial<SegmentOutlook> & { segment: string })[]): TrafficForecasts => ({
  asOf: '2012-03-01T08:07:00.000Z',
  segments: told.map((one) => ({ name: null, freeFlowKmh: 50, lengthKm: 2, forecast: forecastOf(), ...one })),
})

/** Accuracy for tests. */
export const accuracyAt = (told: Partial<HorizonAccuracy> = {}): HorizonAccuracy => ({
  minutes: 30,
  ...{ n: 1200, maeKmh: 4.12, rmseKmh: 6.3 },
  coverage: 0.789,
  widthKmh: 12.5,
  sources: { model: 0.97, profile: 0.02, persistence: 0.01 },
  model: { n: 1164, maeKmh: 4.07, rmseKmh: 6.2 },
  persistence: { n: 1164, maeKmh: 5.5, rmseKmh: 8.8 },
  profile: { n: 1164, maeKmh: 6.1, rmseKmh: 8.1 },
  ...told,
})
