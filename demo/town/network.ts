import type { Network, NetworkFeature } from '#shared/contracts/network.ts'
import { placeAlong } from './curve.ts'
import { MARKET, type Place } from './plan.ts'
import type { Road } from './roads.ts'

const M_A_DEGREE = 111_200
const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

/** Longitude and latitude of a place, to about a decimetre. */
export const toLonLat = ([east, north]: Place): [longitude: number, latitude: number] => {
  const degree = M_A_DEGREE * Math.cos((MARKET.latitude * Math.PI) / 180)
  return [round(MARKET.longitude + east / degree, 6), round(MARKET.latitude + north / M_A_DEGREE, 6)]
}

/** A loop in one direction of a road: where it lies, and on which road how far along. */
export interface Loop {
  device: string
  road: number
  /** 0 at the beginning of the road, 1 at its end. */
  along: number
  place: Place
}

/** Long roads have a loop for each part of this length. */
const LOOP_EVERY_KM = 1.2

/** The loops of the roads, in their order. */
export const loopsOf = (roads: readonly Road[]): Loop[] =>
  roads.flatMap(({ id, km, points }, road) => {
    const count = Math.max(1, Math.round(km / LOOP_EVERY_KM))
    return Array.from({ length: count }, (_, i): Loop => {
      const along = (i + 0.6) / count
      return { device: `loop-${id}${count === 1 ? '' : `-${i + 1}`}`, road, along, place: placeAlong(points, along) }
    })
  })

/** Which loop comes next behind which, on its road and on those it leads to. */
export const loopLinks = ({ roads, loops }: { roads: readonly Road[]; loops: readonly Loop[] }): [string, string][] =>
  loops.flatMap((loop, i) => {
    const onward = loops[i + 1]?.road === loop.road ? [loops[i + 1] as Loop] : firstBehind(loop, roads, loops)
    return onward.map((next): [string, string] => [loop.device, next.device])
  })

const firstBehind = ({ road }: Loop, roads: readonly Road[], loops: readonly Loop[]): Loop[] => {
  const here = roads[road] as Road
  const first = (other: number) => loops.find((loop) => loop.road === other)
  return roads.flatMap(({ from, to }, other) => (from === here.to && to !== here.from ? (first(other) ?? []) : []))
}

/** The road network of the town: a feature a segment, the directions of narrow streets on one. */
export const networkOf = (roads: readonly Road[], loops: readonly Loop[]): Network => {
  const segments = new Map<string, Road[]>()
  for (const road of roads) segments.set(road.segment, [...(segments.get(road.segment) ?? []), road])
  const features = [...segments].map(([segment, own]): NetworkFeature => {
    const { name, lanes, freeKmh, km, points } = own[0] as Road
    const near = roads.filter((other) => own.some((road) => isNextTo(road, other)))
    return {
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: points.map(toLonLat) },
      properties: {
        segment,
        name,
        devices: loops.filter((loop) => roads[loop.road]?.segment === segment).map(({ device }) => device),
        lanes: lanes * own.length,
        lengthKm: round(km, 3),
        freeFlowKmh: freeKmh,
        neighbours: [...new Set(near.map((other) => other.segment))].filter((other) => other !== segment).sort(),
      },
    }
  })
  return { type: 'FeatureCollection', features }
}

/** Whether traffic goes from one to the other, or the other way round, without turning back. */
const isNextTo = (a: Road, b: Road): boolean =>
  (a.to === b.from && a.from !== b.to) || (b.to === a.from && b.from !== a.to)
