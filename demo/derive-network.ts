import type { Network, NetworkFeature } from '#shared/contracts/network.ts'
import { quantities } from '#shared/contracts/quantities.ts'
import { convert, units } from '#shared/contracts/units.ts'
import { type Dataset, DatasetError } from '#shared/dataset/dataset.ts'
import { localClock } from '#shared/dataset/local-time.ts'

const NIGHT_FROM_HOUR = 22
const NIGHT_TO_HOUR = 5
/** Between the 85th and the 95th percentile of night speeds, the usual estimates of free flow. */
const FREE_FLOW_QUANTILE = 0.9
/** Fewer night speeds say nothing of free flow: then all hours count. */
const FEWEST = 12

/** The value below which a share of the values lies, between its two neighbours in rank. */
export const quantile = (values: number[], share: number): number | undefined => {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]]
  return low === undefined || high === undefined ? undefined : low + (high - low) * (rank - Math.floor(rank))
}

/** What of a dataset a network is derived from. */
type Measured = Omit<Dataset, 'values' | 'start'>

/** Free-flow speed, in km/h, of each device that measured speeds. */
const freeFlowSpeeds = async (dataset: Measured): Promise<Map<string, number>> => {
  const { measure, unit, values } = dataset.about
  const kmh = quantities.get('speed')?.canonical
  if (measure !== 'speed' || kmh === undefined) return new Map()
  const from = unit === undefined ? kmh : units.get(unit)
  if (from?.dimension !== kmh.dimension)
    throw new DatasetError(`the unit '${unit}' of the values is no speed: HM, KMH, MTS or KNT`)
  const clock = localClock(values.timeZone)
  const night = new Map<string, number[]>()
  const all = new Map<string, number[]>()
  const keep = (speeds: Map<string, number[]>, device: string, speed: number) => {
    const kept = speeds.get(device)
    if (kept === undefined) speeds.set(device, [speed])
    else kept.push(speed)
  }
  for await (const { at, readings } of dataset.steps()) {
    const hour = clock.hour(at)
    for (const { device, measures } of readings) {
      const speed = convert(measures.speed ?? 0, from, kmh)
      if (speed <= 0) continue
      keep(all, device, speed)
      if (hour >= NIGHT_FROM_HOUR || hour < NIGHT_TO_HOUR) keep(night, device, speed)
    }
  }
  const free = new Map<string, number>()
  for (const [device, speeds] of all) {
    const atNight = night.get(device) ?? []
    const speed = quantile(atNight.length >= FEWEST ? atNight : speeds, FREE_FLOW_QUANTILE)
    if (speed !== undefined) free.set(device, Math.round(speed * 10) / 10)
  }
  return free
}

/** Derives the road network of a dataset: one point segment a device, named like it; neighbours follow from the links. */
export const deriveNetwork = async (dataset: Measured): Promise<Network> => {
  const free = await freeFlowSpeeds(dataset)
  const neighbours = new Map<string, Set<string>>(dataset.devices.map(({ id }) => [id, new Set()]))
  for (const { from, to } of dataset.links) {
    neighbours.get(from)?.add(to)
    neighbours.get(to)?.add(from)
  }
  const features = dataset.devices.map(({ id, longitude, latitude }): NetworkFeature => {
    const freeFlowKmh = free.get(id)
    return {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
      properties: {
        segment: id,
        devices: [id],
        ...(freeFlowKmh === undefined ? {} : { freeFlowKmh }),
        neighbours: [...(neighbours.get(id) ?? [])].sort(),
      },
    }
  })
  return { type: 'FeatureCollection', features }
}
