import type { Network, NetworkFeature } from '#shared/contracts/network.ts'
import { localClock } from './dataset/local-time.ts'
import type { DatasetStep, RawReading } from './dataset.ts'

/** A small made-up city: eight roads of five segments, out from the centre. */
const CENTRE = { longitude: 16.37, latitude: 48.21, timeZone: 'Europe/Vienna' }
const ROADS = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west']
const SEGMENTS_A_ROAD = 5
const SEGMENT_KM = 1.2
const KM_A_DEGREE = 111.2
/** Mean length of a vehicle and of the loop under it, for occupancy. */
const VEHICLE_KM = 0.0065
const INCIDENT_MS = 30 * 60_000
const INCIDENTS_A_SLOT = 0.03

const segmentOf = (road: number, n: number): string => `${ROADS[road]}-${n + 1}`

const along = (road: number, km: number): [number, number] => {
  const angle = (road / ROADS.length) * 2 * Math.PI
  const { longitude, latitude } = CENTRE
  const degree = KM_A_DEGREE * Math.cos((latitude * Math.PI) / 180)
  const round = (value: number) => Math.round(value * 1e5) / 1e5
  return [round(longitude + (Math.sin(angle) * km) / degree), round(latitude + (Math.cos(angle) * km) / KM_A_DEGREE)]
}

const freeFlow = (n: number): number => 50 + 15 * n

const feature = (road: number, n: number): NetworkFeature => {
  const ring = [road + 1, road + ROADS.length - 1].map((other) => segmentOf(other % ROADS.length, 0))
  const inward = n === 0 ? ring : [segmentOf(road, n - 1)]
  const outward = n === SEGMENTS_A_ROAD - 1 ? [] : [segmentOf(road, n + 1)]
  const [from, to] = [along(road, 0.5 + n * SEGMENT_KM), along(road, 0.5 + (n + 1) * SEGMENT_KM)]
  return {
    type: 'Feature',
    geometry: { type: 'LineString', coordinates: [from, to] },
    properties: {
      segment: segmentOf(road, n),
      devices: [`demo-${segmentOf(road, n)}`],
      lanes: n < 2 ? 2 : 3,
      lengthKm: SEGMENT_KM,
      freeFlowKmh: freeFlow(n),
      neighbours: [...inward, ...outward],
    },
  }
}

/** The road network of the generated city. */
export const generatedNetwork = (): Network => ({
  type: 'FeatureCollection',
  features: ROADS.flatMap((_, road) => Array.from({ length: SEGMENTS_A_ROAD }, (_, n) => feature(road, n))),
})

/** A number in [0, 1) that depends on nothing but its seeds (splitmix32 over each). */
const uniform = (...seeds: number[]): number => {
  let state = 0x9e3779b9
  for (const seed of seeds) {
    state = (state ^ Math.trunc(seed)) + 0x9e3779b9
    state = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    state = Math.imul(state ^ (state >>> 15), 0x735a2d97)
    state ^= state >>> 15
  }
  return (state >>> 0) / 2 ** 32
}

const bump = (hour: number, peak: number, width: number): number => Math.exp(-(((hour - peak) / width) ** 2))

/** What one segment measures in the period that ends at `at`. */
const measure = (seed: number, index: number, hour: number, at: number, periodMs: number): Record<string, number> => {
  const n = index % SEGMENTS_A_ROAD
  const lanes = n < 2 ? 2 : 3
  const rush = bump(hour, 8, 1.1) + bump(hour, 17.3, 1.5)
  const day = 0.12 + 0.55 * bump(hour, 13, 5) + 0.45 * rush
  const closeness = 1 - n / SEGMENTS_A_ROAD
  const jam = rush * closeness * (0.5 + 0.5 * uniform(seed, index, 1))
  const slot = Math.floor(at / INCIDENT_MS)
  const incident = uniform(seed, index, slot, 2) < INCIDENTS_A_SLOT ? 0.35 : 1
  const noise = 0.95 + 0.1 * uniform(seed, index, at / 1000, 3)
  const speed = Math.max(4, freeFlow(n) * (1 - 0.75 * jam) * incident * noise)
  const hourly = 1500 * lanes * day * incident * (0.85 + 0.3 * uniform(seed, index, at / 1000, 4))
  const count = Math.round((hourly * periodMs) / 3_600_000)
  const occupancy = Math.min(0.95, (hourly / lanes / speed) * VEHICLE_KM)
  return { speed: Math.round(speed * 10) / 10, count, occupancy: Math.round(occupancy * 1000) / 1000 }
}

/** What the generator is set to. */
export interface GeneratorOptions {
  seed: number
  /** One reading a segment in this time. */
  periodMs: number
  from: Date
}

/** Readings of the generated city without end; the same seed and instant always give the same values. */
export async function* generatedSteps({ seed, periodMs, from }: GeneratorOptions): AsyncGenerator<DatasetStep> {
  const clock = localClock(CENTRE.timeZone)
  const { features } = generatedNetwork()
  for (let ms = Math.ceil(from.getTime() / periodMs) * periodMs; ; ms += periodMs) {
    const at = new Date(ms)
    const hour = clock.hour(at) + (ms % 3_600_000) / 3_600_000
    const readings = features.map(({ geometry, properties }, index): RawReading => {
      const [longitude, latitude] = geometry.coordinates[0] as [number, number]
      return {
        device: properties.devices[0] ?? properties.segment,
        observedAt: at.toISOString(),
        location: { type: 'Point', coordinates: [longitude, latitude] },
        measures: measure(seed, index, hour, ms, periodMs),
      }
    })
    yield { at, readings }
  }
}
