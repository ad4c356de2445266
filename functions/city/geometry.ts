import type { Geometry } from '#shared/contracts/traffic-status.ts'
import type { Box } from './query.ts'

/** Whether the smallest box around the geometry and the given box have a point in common. */
export function touches(geometry: Geometry, [west, south, east, north]: Box): boolean {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  const positions = geometry.type === 'Point' ? [geometry.coordinates] : geometry.coordinates
  for (const [x = 0, y = 0] of positions) {
    minX = Math.min(minX, x)
    maxX = Math.max(maxX, x)
    minY = Math.min(minY, y)
    maxY = Math.max(maxY, y)
  }
  const rows = minY <= north && maxY >= south
  const columns = west <= east ? minX <= east && maxX >= west : minX <= east || maxX >= west
  return rows && columns
}
