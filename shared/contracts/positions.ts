import type { Geometry } from './traffic-status.ts'

/** Longitude and latitude. */
export type LonLat = [longitude: number, latitude: number]

/** The places that a geometry runs through; one of a point. */
export const positionsOf = (geometry: Geometry): LonLat[] =>
  (geometry.type === 'Point' ? [geometry.coordinates] : geometry.coordinates).map(([x = 0, y = 0]) => [x, y])

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
