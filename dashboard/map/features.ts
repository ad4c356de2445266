import type { Feature, FeatureCollection, MultiLineString } from 'geojson'
import type { Geometry, TrafficFeature } from '#shared/contracts/traffic-status.ts'
import type { Segments } from '../traffic/city.ts'
import { lookOf } from '../traffic/levels.ts'

/** Longitude and latitude. */
export type LonLat = [longitude: number, latitude: number]

/** West, south, east, north. */
export type Bounds = [number, number, number, number]

const positionsOf = (geometry: Geometry): LonLat[] =>
  (geometry.type === 'Point' ? [geometry.coordinates] : geometry.coordinates).map(([x = 0, y = 0]) => [x, y])

/** The segments that have a place, and a grid beneath them; their level is what they begin with. */
export function collectionOf(segments: Segments): FeatureCollection {
  const bounds = boundsOf(segments.values())
  const features: Feature[] = bounds ? [gridOf(bounds)] : []
  for (const { id, geometry, properties } of segments.values())
    if (geometry) features.push({ type: 'Feature', geometry, properties: { segment: id, level: properties.level } })
  return { type: 'FeatureCollection', features }
}

/** What is drawn on top of the segments: those with dashes, and the chosen one, which only few are at a time. */
export function marksOf(segments: Segments, chosen: string | undefined): FeatureCollection {
  const features: Feature[] = []
  for (const { id, geometry, properties } of segments.values())
    if (geometry && (id === chosen || lookOf(properties.level).dash))
      features.push({ type: 'Feature', geometry, properties: { level: properties.level, chosen: id === chosen } })
  return { type: 'FeatureCollection', features }
}

/** Tells apart what `marksOf` would give, at less cost. */
export function marksKey(segments: Segments, chosen: string | undefined): string {
  let key = `${chosen}:${chosen === undefined ? '' : segments.get(chosen)?.properties.level}`
  for (const { id, properties } of segments.values())
    if (lookOf(properties.level).dash) key += `|${id}:${properties.level}`
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

/** The place halfway along, and the rise of the road there on the map: 0 goes across it, 90 and -90 up and down. */
export function middleOf(geometry: Geometry): { at: LonLat; degrees: number } {
  const positions = positionsOf(geometry)
  const [first = [0, 0]] = positions
  const narrow = Math.cos((first[1] * Math.PI) / 180)
  const lengths = positions.slice(1).map(([x, y], i) => {
    const [u, v] = positions[i] ?? first
    return Math.hypot((x - u) * narrow, y - v)
  })
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2
  for (const [i, length] of lengths.entries()) {
    const [[x, y], [u, v]] = [positions[i] ?? first, positions[i + 1] ?? first]
    if (left <= length && length > 0) {
      const share = left / length
      const rise = Math.atan((v - y) / ((u - x) * narrow))
      return { at: [x + (u - x) * share, y + (v - y) * share], degrees: (rise * 180) / Math.PI }
    }
    left -= length
  }
  return { at: first, degrees: 0 }
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
