import type { Network } from '#shared/contracts/network.ts'

const SOUTH_WEST = [16.3, 48.15] as const
const STEP = 0.0025

/** A town of so many streets of one block each: a grid that is as wide as it is high. */
export function gridNetwork(segments: number): Network {
  const side = Math.ceil(Math.sqrt(segments / 2))
  const node = (x: number, y: number): [number, number] => [SOUTH_WEST[0] + x * STEP * 1.5, SOUTH_WEST[1] + y * STEP]
  return {
    type: 'FeatureCollection',
    features: Array.from({ length: segments }, (_, n) => {
      const [x, y] = [Math.floor(n / 2) % side, Math.floor(n / 2 / side)]
      const isEastward = n % 2 === 0
      const line = [node(x, y), node(isEastward ? x + 1 : x, isEastward ? y : y + 1)]
      const segment = `street-${n}`
      return {
        type: 'Feature',
        geometry: { type: 'LineString', coordinates: line },
        properties: { segment, devices: [`loop-${n}`], freeFlowKmh: 50 },
      }
    }),
  }
}

/** What the device of each street reports now: every level that a single window can make. */
export const gridReadings = (segments: number, at: number) =>
  Array.from({ length: segments }, (_, n) => ({
    device: `loop-${n}`,
    observedAt: new Date(at).toISOString(),
    measures: { speed: [49, 40, 22, 10][n % 4] as number, count: 8 },
  }))
