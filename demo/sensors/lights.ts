import type { LocalClock } from '#shared/dataset/local-time.ts'
import { normal, uniform } from '../random.ts'
import { toLonLat } from '../town/network.ts'
import { MARKET, type Place } from '../town/plan.ts'
import { type Device, rounded } from './device.ts'

const CABINETS: Readonly<Record<string, Place>> = {
  'lights-market': [-60, 210],
  'lights-station': [-130, 980],
  'lights-west': [-1000, 180],
  'lights-east': [1000, 130],
  'lights-riverside': [-500, -590],
  'lights-old-bridge': [-40, -880],
  'lights-south': [-140, -1700],
  'lights-works': [1560, -1330],
}

const DAY_MS = 86_400_000
const LAMP_W = 62
const STANDBY_W = 6
const RADIAN = Math.PI / 180

/** Height of the sun over the town, degrees. */
export const sunHeight = (at: number): number => {
  const days = at / DAY_MS
  const declination = -23.44 * Math.cos(((days + 10) / 365.25) * 2 * Math.PI) * RADIAN
  const hourAngle = (((days % 1) - 0.5) * 360 + MARKET.longitude) * RADIAN
  const latitude = MARKET.latitude * RADIAN
  const sine =
    Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle)
  return Math.asin(sine) / RADIAN
}

/** The cabinets of the street lights: on from dusk to dawn, dimmed while the town sleeps. */
export const lightDevices = (clock: LocalClock, seed: number) =>
  Object.entries(CABINETS).map(([id, place], n): Device => {
    const lamps = 25 + Math.floor(50 * uniform(seed, n, 71))
    const dusk = -0.5 - 2 * uniform(seed, n, 72)
    return {
      id,
      coordinates: toLonLat(place),
      measure(at) {
        const hour = clock.hour(new Date(at))
        const dimmed = hour >= 23 || hour < 5 ? 0.55 : 1
        const power = sunHeight(at) < dusk ? lamps * LAMP_W * dimmed : STANDBY_W
        return { measures: { power: rounded(power * (1 + 0.01 * normal(seed, n, at / 1000, 73)), 1) } }
      },
    }
  })
