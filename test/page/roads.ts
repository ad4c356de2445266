import type { Network } from '#shared/contracts/network.ts'
import type { Level } from '#shared/contracts/traffic.ts'

interface Road {
  segment: string
  name?: string
  line: [from: [number, number], to: [number, number]]
  /** What its device reports; undefined for one that never does. */
  speedKmh?: number
  level: Level
}

/** A town with a segment at every level readings can make, 50 km/h each. */
export const ROADS: Road[] = [
  {
    segment: 'ring-1',
    name: 'Opernring',
    line: [
      [16.36, 48.2],
      [16.37, 48.2],
    ],
    speedKmh: 49,
    level: 'free',
  },
  {
    segment: 'ring-2',
    name: 'Kärntner Ring',
    line: [
      [16.37, 48.2],
      [16.38, 48.205],
    ],
    speedKmh: 36,
    level: 'heavy',
  },
  {
    segment: 'quay-1',
    name: 'Franz-Josefs-Kai',
    line: [
      [16.38, 48.205],
      [16.38, 48.212],
    ],
    speedKmh: 24,
    level: 'slow',
  },
  {
    segment: 'hill-1',
    line: [
      [16.38, 48.212],
      [16.37, 48.216],
    ],
    speedKmh: 14,
    level: 'queuing',
  },
  {
    segment: 'hill-2',
    name: 'Berggasse',
    line: [
      [16.37, 48.216],
      [16.36, 48.215],
    ],
    speedKmh: 6,
    level: 'stationary',
  },
  // Long, with an id that must be escaped in an address.
  {
    segment: 'port/1 & “2”',
    name: 'Donaudampfschifffahrtsgesellschaftskapitänspromenade am linken Ufer',
    line: [
      [16.36, 48.215],
      [16.355, 48.207],
    ],
    speedKmh: 48,
    level: 'free',
  },
  {
    segment: 'silent-1',
    name: 'Stille Gasse',
    line: [
      [16.355, 48.207],
      [16.36, 48.2],
    ],
    level: 'unknown',
  },
]

/** The device on a segment. */
export const deviceOf = (segment: string): string => `loop ${segment}`

/** These roads as a network file. */
export const NETWORK: Network = {
  type: 'FeatureCollection',
  features: ROADS.map(({ segment, name, line }) => ({
    type: 'Feature',
    geometry: { type: 'LineString', coordinates: line },
    properties: { segment, ...(name ? { name } : {}), devices: [deviceOf(segment)], freeFlowKmh: 50 },
  })),
}

/** How long ago the readings of a road are observed: three windows in a row, for the levels that wait for a second one. */
export const MINUTES_AGO = [10, 5, 0]
