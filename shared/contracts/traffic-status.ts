import { z } from 'zod'
import { TrafficState } from './traffic.ts'

const Position = z.array(z.number()).min(2).max(3)

/** Where a segment lies, WGS 84 longitude and latitude (RFC 7946). */
export const Geometry = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Point'), coordinates: Position }),
  z.strictObject({ type: z.literal('LineString'), coordinates: z.array(Position).min(2) }),
])
export type Geometry = z.infer<typeof Geometry>

/** How the traffic on one segment is at the city time `asOf`. */
export const TrafficStatus = z.strictObject({
  /** What people call the road; null where nobody said. */
  name: z.string().nullable(),
  // The level is `unknown`, too, when the newest observation is older than two windows.
  ...TrafficState.omit({ windowStart: true, windowEnd: true, observedAt: true, rev: true, final: true }).shape,
  /** The window that was last measured; null when none was. */
  windowStart: z.iso.datetime().nullable(),
  windowEnd: z.iso.datetime().nullable(),
  /** City time of this answer. */
  asOf: z.iso.datetime(),
})
export type TrafficStatus = z.infer<typeof TrafficStatus>

/** One segment on the map. */
export const TrafficFeature = z.strictObject({
  type: z.literal('Feature'),
  id: z.string(),
  geometry: Geometry.nullable(),
  properties: TrafficStatus,
})
export type TrafficFeature = z.infer<typeof TrafficFeature>

/** What `GET /api/traffic-status` answers. */
export const TrafficCollection = z.strictObject({
  type: z.literal('FeatureCollection'),
  features: z.array(TrafficFeature),
})
export type TrafficCollection = z.infer<typeof TrafficCollection>

/** One window of a segment's past, as it was last evaluated. */
export const PastState = TrafficStatus.pick({
  level: true,
  speedKmh: true,
  freeFlowKmh: true,
  ratio: true,
  jamFactor: true,
  confidence: true,
}).extend({
  windowStart: z.iso.datetime(),
  windowEnd: z.iso.datetime(),
  /** Counts the changes of this window's value, from 1. */
  rev: z.int().positive(),
})
export type PastState = z.infer<typeof PastState>

/** What `GET /api/traffic-status/{segment}/history` answers: states with `from` ≤ windowStart < `to`, oldest first. */
export const TrafficHistory = z.strictObject({
  segment: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  states: z.array(PastState),
})
export type TrafficHistory = z.infer<typeof TrafficHistory>
