import { normal, smoothNoise, uniform } from '../random.ts'
import { toLonLat } from '../town/network.ts'
import type { Place } from '../town/plan.ts'
import type { Town } from '../town.ts'
import type { TrafficRecord } from '../traffic/record.ts'
import { weatherAt } from '../weather.ts'
import { type Device, rounded } from './device.ts'

const STATIONS: Readonly<Record<string, Place>> = {
  'air-market': [45, 195],
  'air-old-bridge': [70, -820],
  'air-ring-west': [-1590, 250],
  'air-works': [1720, -1200],
  'air-hill': [-1640, 1820],
}

const NEAR_M = 700
/** What stands still now is in the air for a while. */
const LINGERS_MS = 30 * 60_000
const DAY_MS = 86_400_000

/** The air-quality stations: nitrogen dioxide and fine dust follow the traffic around them, the season and the rain. */
export const airDevices = ({ loops, traffic: { cells, watched } }: Town, record: TrafficRecord, seed: number) =>
  Object.entries(STATIONS).map(([id, place], n): Device => {
    const near = loops.flatMap(({ place: [x, y] }, i) => (Math.hypot(x - place[0], y - place[1]) < NEAR_M ? [i] : []))
    /** Vehicles a km around the station, of late. */
    const traffic = (at: number) =>
      near.reduce((sum, i) => {
        const km = cells.km[watched[i] as number] as number
        return sum + record.between(i, at - LINGERS_MS, at).spent / (LINGERS_MS / 3_600_000) / km / near.length
      }, 0)
    return {
      id,
      coordinates: toLonLat(place),
      measure(at) {
        const { rain, temperature, humidity } = weatherAt(seed, at)
        const vehicles = near.length === 0 ? 0 : traffic(at)
        const washed = 1 - Math.min(0.4, rain * 0.15)
        const stagnant = 1 + 0.35 * smoothNoise((at / DAY_MS) * 2, seed, 61) + Math.max(0, 5 - temperature) / 25
        const off = (kind: number) => 1 + 0.03 * normal(seed, n, at / 1000, kind)
        const no2 = (7 + 1.1 * vehicles) * washed * stagnant * off(62)
        const pm25 = (6 + 0.28 * vehicles) * washed * stagnant * off(63)
        const own = uniform(seed, n, 64) - 0.5
        return {
          measures: {
            no2: rounded(no2, 1),
            pm25: rounded(pm25, 1),
            temperature: rounded(temperature + own + 0.1 * normal(seed, n, at / 1000, 65), 1),
            humidity: rounded(Math.min(1, humidity * off(66)), 3),
          },
        }
      },
    }
  })
