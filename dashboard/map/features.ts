import type { Feature, FeatureCollection, MultiLineString } from 'geojson'
import { type LonLat, positionsOf } from '#shared/contracts/positions.ts'
import type { TrafficFeature } from '#shared/contracts/traffic-status.ts'
import type { Segments } from '../traffic/city.ts'
import { lookOf } from '../traffic/levels.ts'

/** West, south, east, north. */
export type Bounds = [number, number, number, number]

/** The segments that have a place, and a grid beneath them; their level is what they begin with. */
export function collectionOf(segments: Segments): FeatureCollection {
  const bounds = boundsOf(segments.values())
  const features: Feature[] = bounds ? [gridOf(bounds)] : []
  for (const { id, geometry, properties } of segments.values())
    if (geometry) features.push({ type: 'Feature', geometry, properties: { segment: id, level: properties.level } })
  return { type: 'FeatureCollection', features }
}

/** What decides on the marks. */
export interface Marked {
  segments: Segments
  chosen: string | undefined
  hollow: ReadonlySet<string>
}

/** What is drawn on top of the segments: those with dashes, the hollow ones, and the chosen one, which only few are at a time. */
export function marksOf({ segments, chosen, hollow }: Marked): FeatureCollection {
  const features: Feature[] = []
  for (const { id, geometry, properties } of segments.values()) {
    const { level } = properties
    const marks = { chosen: id === chosen, hollow: hollow.has(id) }
    if (geometry && (marks.chosen || marks.hollow || lookOf(level).dash))
      features.push({ type: 'Feature', geometry, properties: { level, ...marks } })
  }
  return { type: 'FeatureCollection', features }
}

/** Tells apart what `marksOf` would give, at less cost. */
export function marksKey({ segments, chosen, hollow }: Marked): string {
  let key = `${chosen}:${chosen === undefined ? '' : segments.get(chosen)?.properties.level}`
  for (const { id, properties } of segments.values())
    if (hollow.has(id) || lookOf(properties.level).dash) key += `|${id}:${properties.level}:${hollow.has(id)}`
  return key
}

/** Whether both have the same segments at the same places. */
export function samePlaces(a: Segments, b: Segments): boolean {
  if (a.size !== b.size) return false
  const place = (feature: TrafficFeature | undefined) => JSON.stringify(feature?.geometry)
  for (const [id, feature] of a) {
    const other = b.get(id)
    if (other === undefined) return false
    if (other.geometry !== feature.geometry && place(other) !== place(feature)) return false
  }
  return true
}

/** The smallest box around everything that has a place; undefined where nothing has. */
export function boundsOf(features: Iterable<Pick<TrafficFeature, 'geometry'>>): Bounds | undefined {
  const box: Bounds = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]
  for (const { geometry } of features) {
    if (!geometry) continue
    for (const [x, y] of positionsOf(geometry)) {
      box[0] = Math.min(box[0], x)
      box[1] = Math.min(box[1], y)
      box[2] = Math.max(box[2], x)
      box[3] = Math.max(box[3], y)
    }
  }
  return Number.isFinite(box[0]) ? box : undefined
}

const KM_A_DEGREE = 111.2
const STEPS_KM = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]
const LINES = 8

/** Thin lines every so many kilometres, to measure the city by: a ground without a map. */
export function gridOf([west, south, east, north]: Bounds): Feature<MultiLineString, { grid: number }> {
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const [wide, high] = [(east - west) * narrow * KM_A_DEGREE, (north - south) * KM_A_DEGREE]
  const km = STEPS_KM.find((step) => Math.max(wide, high) / step <= LINES) ?? 1000
  const [dx, dy] = [km / KM_A_DEGREE / narrow, km / KM_A_DEGREE]
  const [x, y] = [(west + east) / 2, (south + north) / 2]
  // Far beyond the city, so that nobody sees the end of it while looking around.
  const far = 4 * LINES
  const lines = Array.from({ length: 2 * far + 1 }, (_, i) => i - far).flatMap((i): LonLat[][] => [
    [
      [x + i * dx, y - far * dy],
      [x + i * dx, y + far * dy],
    ],
    [
      [x - far * dx, y + i * dy],
      [x + far * dx, y + i * dy],
    ],
  ])
  return { type: 'Feature', properties: { grid: km }, geometry: { type: 'MultiLineString', coordinates: lines } }
}
