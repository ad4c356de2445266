import type { Network } from '#shared/contracts/network.ts'
import type { RawReading } from '#shared/dataset/dataset.ts'
import type { FeedStep } from './feed.ts'
import { uniform } from './random.ts'
import { airDevices } from './sensors/air.ts'
import type { Device } from './sensors/device.ts'
import { lightDevices } from './sensors/lights.ts'
import { loopDevices } from './sensors/loops.ts'
import { garble, quirksOf, readingOf } from './sensors/quirks.ts'
import { loopLinks, loopsOf, networkOf } from './town/network.ts'
import { townRoads } from './town/roads.ts'
import { layOutTown } from './town.ts'
import { openRecord } from './traffic/record.ts'

/** The simulated city: all of it follows from its seed and the instant that is asked for. */
export interface SimulatedCity {
  devices: Device[]
  /** Which loop comes after which on the way. */
  links: [from: string, to: string][]
  /** What every device measured in the period that ends at `at`; ms, whole numbers of 30 s. */
  measured(at: number, periodMs: number): RawReading[]
  /**
   * What comes in at `at` from devices that measure once a period, as it does in a real city: some of it repeated, out of
   * order, late, or nothing that can be read.
   */
  arriving(at: number, periodMs: number): object[]
}

/** A busy segment whose loop is sound and comes last of all devices: where it has a state, all others were sent before. */
export const PROBE_SEGMENT = 'wiener-strasse-1-east'

const REPEATED = 0.01
const HELD_BACK = 0.01
const GARBLED = 1 / 40
/** How often the late device sends what it gathered. */
const UPLINK_MS = 25 * 60_000
/** Air and lights measure at a slower pace than the loops. */
const SLOW_MS = 5 * 60_000

/** The road network of the simulated city; the same for every seed. */
export const cityNetwork = (): Network => {
  const roads = townRoads()
  return networkOf(roads, loopsOf(roads))
}

/** Opens the simulated city of a seed. */
export const openSimulatedCity = (seed: number): SimulatedCity => {
  const town = layOutTown()
  const record = openRecord(town.traffic, seed)
  const probe = town.loops.findIndex(({ road }) => town.roads[road]?.segment === PROBE_SEGMENT)
  const loops = loopDevices(town, record, seed)
  loops.push(...loops.splice(probe, 1))
  const lights = lightDevices(town.traffic.clock, seed)
  const devices = [...airDevices(town, record, seed), ...lights, ...loops]
  const quirks = quirksOf(loops, lights, seed)
  const sources = devices.map((device, i) => ({
    id: device.id,
    i,
    isLoop: loops.includes(device),
    read: readingOf(device, quirks, seed),
  }))
  type Source = (typeof sources)[number]

  const one = ({ isLoop, read }: Source, at: number, periodMs: number): RawReading[] => {
    const period = isLoop ? periodMs : Math.max(periodMs, SLOW_MS)
    return isLoop || at % period === 0 || periodMs >= SLOW_MS
      ? [read(at, period)].flatMap((reading) => reading ?? [])
      : []
  }
  const chance = (kind: number, { i }: Source, at: number) => uniform(seed, i, at / 1000, kind)

  const uplink = (source: Source, at: number, periodMs: number): RawReading[] => {
    if (Math.floor(at / UPLINK_MS) === Math.floor((at - periodMs) / UPLINK_MS)) return []
    const gathered: RawReading[] = []
    for (let when = at; when > at - UPLINK_MS; when -= periodMs) gathered.push(...one(source, when, periodMs))
    return gathered
  }
  const fromLoop = (source: Source, at: number, periodMs: number): object[] => {
    const heldBack = (when: number) => chance(91, source, when) < HELD_BACK
    const again = at - 2 * periodMs
    const now = heldBack(at) ? [] : one(source, at, periodMs)
    if (source.id === quirks.garbled && chance(92, source, at) < GARBLED)
      return now.map((reading) => garble(reading, chance(93, source, at)))
    const isRepeated = chance(94, source, again) < REPEATED
    return heldBack(again) || isRepeated ? [...now, ...one(source, again, periodMs)] : now
  }
  return {
    devices,
    links: loopLinks(town),
    measured: (at, periodMs) => sources.flatMap((source) => one(source, at, periodMs)),
    arriving: (at, periodMs) =>
      sources.flatMap((source) => {
        if (source.id === quirks.late) return uplink(source, at, periodMs)
        return source.isLoop ? fromLoop(source, at, periodMs) : one(source, at, periodMs)
      }),
  }
}

/** What arrives from an instant on without end, a step a period. */
export async function* arrivals(city: SimulatedCity, periodMs: number, from: Date): AsyncGenerator<FeedStep> {
  for (let at = Math.ceil(from.getTime() / periodMs) * periodMs; ; at += periodMs)
    yield { at: new Date(at), readings: city.arriving(at, periodMs) }
}
