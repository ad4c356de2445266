import { normal, uniform } from '../random.ts'
import { toLonLat } from '../town/network.ts'
import type { Town } from '../town.ts'
import type { TrafficRecord } from '../traffic/record.ts'
import { type Device, rounded } from './device.ts'

/** Mean length of a vehicle and of the loop under it, km. */
const VEHICLE_KM = 0.0065
const HOUR_MS = 3_600_000

/** The loops in the roads: vehicles in the period, their mean speed, the share of time the loop was covered. */
export const loopDevices = ({ loops, roads, traffic: { cells, watched } }: Town, record: TrafficRecord, seed: number) =>
  loops.map(({ device: id, place, road }, i): Device => {
    const km = cells.km[watched[i] as number] as number
    const lanes = roads[road]?.lanes ?? 1
    // A loop misses a few vehicles, its speeds are off by a little for good, and it begins to count somewhere.
    const seen = 0.97 + 0.03 * uniform(seed, i, 51)
    const offset = uniform(seed, i, 52)
    const bias = 0.985 + 0.03 * uniform(seed, i, 53)
    return {
      id,
      coordinates: toLonLat(place),
      measure(at, periodMs) {
        const { before, passed, spent } = record.between(i, at - periodMs, at)
        const count = Math.floor((before + passed) * seen + offset) - Math.floor(before * seen + offset)
        const noise = 1 + 0.02 * normal(seed, i, at / 1000, 54)
        const occupancy = Math.min(1, ((spent * HOUR_MS) / periodMs / km / lanes) * VEHICLE_KM * noise)
        const counted = { count, occupancy: rounded(occupancy, 3) }
        if (count === 0) return { measures: counted }
        return { measures: { speed: rounded(((passed * km) / spent) * bias * noise, 1), ...counted } }
      },
    }
  })
