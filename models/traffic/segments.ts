import type { Network } from '#shared/contracts/network.ts'
import type { Dataset } from '#shared/dataset/dataset.ts'
import type { DatasetDevice } from '#shared/dataset/devices.ts'
import type { Link } from './statistics.ts'

/** The segments that the devices of a dataset measure. */
export interface Segments {
  ids: string[]
  /** Place of each device's segment. */
  of: Int32Array
}

/** The segments of devices, in the devices' order; a device on no road of the network is a segment of its own. */
export const segmentsOf = (devices: readonly DatasetDevice[], network: Network | undefined): Segments => {
  const named = new Map(
    network?.features.flatMap(({ properties: { segment, devices } }) => devices.map((id) => [id, segment] as const)),
  )
  const place = new Map<string, number>()
  const of = devices.map(({ id }) => {
    const segment = named.get(id) ?? id
    if (!place.has(segment)) place.set(segment, place.size)
    return place.get(segment) as number
  })
  return { ids: [...place.keys()], of: Int32Array.from(of) }
}

/**
 * How segments are linked: by the links of the dataset, else by what the network says of neighbours, else by where the
 * devices stand.
 */
export const segmentLinks = (
  { devices, links }: Pick<Dataset, 'devices' | 'links'>,
  network: Network | undefined,
  { ids, of }: Segments,
): Link[] => {
  const device = new Map(devices.map(({ id }, i) => [id, of[i] as number]))
  const linked = links.flatMap(({ from, to, weight }) => pair(device.get(from), device.get(to), weight))
  if (linked.length > 0) return linked
  const segment = new Map(ids.map((id, i) => [id, i]))
  const next = network?.features.flatMap(({ properties: { segment: here, neighbours = [] } }) =>
    neighbours.flatMap((there) => pair(segment.get(here), segment.get(there), 1)),
  )
  return next === undefined || next.length === 0 ? byDistance(devices, of) : next
}

const pair = (from: number | undefined, to: number | undefined, weight: number): Link[] =>
  from === undefined || to === undefined || from === to ? [] : [{ from, to, weight }]

/** Segments as far apart as this are hardly neighbours, km. */
const NEAR_KM = 1
const FAR_KM = 2
const EARTH_KM = 6371

/** A Gaussian of the distance between devices (the kernel of DCRNN, there by road), cut off. */
const byDistance = (devices: readonly DatasetDevice[], of: Int32Array): Link[] =>
  devices.flatMap((here, i) =>
    devices.slice(i + 1).flatMap((there, k) => {
      const km = distanceKm(here, there)
      return km > FAR_KM ? [] : pair(of[i], of[i + 1 + k], Math.exp(-((km / NEAR_KM) ** 2)))
    }),
  )

/** On a flat earth, which is near enough for neighbours. */
const distanceKm = (a: DatasetDevice, b: DatasetDevice): number => {
  const radians = Math.PI / 180
  const east = (a.longitude - b.longitude) * radians * Math.cos(((a.latitude + b.latitude) / 2) * radians)
  return EARTH_KM * Math.hypot(east, (a.latitude - b.latitude) * radians)
}
