import type { Level, TrafficState } from '#shared/contracts/traffic.ts'
import type { TrafficFeature, TrafficStatus } from '#shared/contracts/traffic-status.ts'
import type { Segments } from './city.ts'

/** What a test says of a segment; the rest is of a free road at five past eight. */
export type Told = Partial<TrafficStatus> & { segment: string }

/** A status for tests. */
export const statusOf = (told: Told): TrafficStatus => ({
  name: null,
  level: 'free',
  speedKmh: 48,
  freeFlowKmh: 50,
  ratio: 0.96,
  jamFactor: 0.4,
  confidence: 0.9,
  windowStart: '2012-03-01T08:00:00.000Z',
  windowEnd: '2012-03-01T08:05:00.000Z',
  asOf: '2012-03-01T08:05:00.000Z',
  ...told,
})

/** A feature for tests: a road of two kilometres to the east. */
export const featureOf = (told: Told): TrafficFeature => ({
  type: 'Feature',
  id: told.segment,
  geometry: {
    type: 'LineString',
    coordinates: [
      [16, 48],
      [16.02, 48],
    ],
  },
  properties: statusOf(told),
})

/** Segments for tests. */
export const segmentsOf = (...told: Told[]): Segments => new Map(told.map((one) => [one.segment, featureOf(one)]))

/** A changed state for tests: slow, observed at four past eight. */
export const stateOf = (told: Partial<TrafficState> & { segment: string; level?: Level }): TrafficState => ({
  level: 'slow',
  speedKmh: 20,
  freeFlowKmh: 50,
  ratio: 0.4,
  jamFactor: 6,
  confidence: 0.9,
  windowStart: '2012-03-01T08:00:00.000Z',
  windowEnd: '2012-03-01T08:05:00.000Z',
  observedAt: '2012-03-01T08:04:00.000Z',
  rev: 2,
  final: false,
  ...told,
})
