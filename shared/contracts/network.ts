import { z } from 'zod'

// Longitude and latitude; GeoJSON allows more numbers behind them.
const Position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)], z.number())

const Geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('LineString'), coordinates: z.array(Position).min(2) }),
  z.object({ type: z.literal('Point'), coordinates: Position }),
])

const name = z.string().min(1).max(128)

/** One road segment: its shape, and what is known of it. */
export const NetworkFeature = z.object({
  type: z.literal('Feature'),
  geometry: Geometry,
  properties: z.object({
    segment: name,
    /** What people call the road. */
    name: name.optional(),
    /** The devices that measure this segment. */
    devices: z.array(name),
    lanes: z.int().positive().max(20).optional(),
    lengthKm: z.number().positive().optional(),
    /** Speed of the empty road; derived from earlier days where it is not given. */
    freeFlowKmh: z.number().min(1).max(300).optional(),
    /** The segments traffic comes from or goes to. */
    neighbours: z.array(name).optional(),
  }),
})
export type NetworkFeature = z.infer<typeof NetworkFeature>

/** A road network: a GeoJSON FeatureCollection (RFC 7946), one feature a segment, no device on two of them. */
export const Network = z
  .object({ type: z.literal('FeatureCollection'), features: z.array(NetworkFeature) })
  .superRefine(({ features }, context) => {
    const seen = { segment: new Set<string>(), device: new Set<string>() }
    const once = (kind: 'segment' | 'device', value: string, path: (string | number)[]) => {
      if (seen[kind].has(value)) context.addIssue({ code: 'custom', path, message: `${kind} ${value} is named twice` })
      seen[kind].add(value)
    }
    for (const [i, { properties }] of features.entries()) {
      once('segment', properties.segment, ['features', i, 'properties', 'segment'])
      for (const [j, device] of properties.devices.entries())
        once('device', device, ['features', i, 'properties', 'devices', j])
    }
  })
export type Network = z.infer<typeof Network>
