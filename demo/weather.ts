import { smoothNoise, uniform } from './random.ts'

/** The weather over the town. */
export interface Weather {
  /** mm an hour. */
  rain: number
  /** °C. */
  temperature: number
  /** 0..1. */
  humidity: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const YEAR_DAYS = 365.25
const RAINY_DAYS = 0.3

/** The rain of one day: a shower or a long grey one, with soft ends. */
const rainAt = (seed: number, at: number): number => {
  const day = Math.floor(at / DAY_MS)
  if (uniform(seed, day, 11) >= RAINY_DAYS) return 0
  const hours = 1.5 + 7 * uniform(seed, day, 12)
  const start = uniform(seed, day, 13) * (24 - hours)
  const since = (at % DAY_MS) / HOUR_MS - start
  const most = 0.5 + 3.5 * uniform(seed, day, 14) ** 2
  return most * Math.max(0, Math.min(1, 2 * since, 2 * (hours - since)))
}

/** The weather at an instant (ms since 1970); it depends on nothing but that and the seed. */
export const weatherAt = (seed: number, at: number): Weather => {
  const rain = rainAt(seed, at)
  const days = at / DAY_MS
  const season = -Math.cos(((days - 18) / YEAR_DAYS) * 2 * Math.PI)
  const afternoon = Math.cos((days - 14 / 24) * 2 * Math.PI)
  const front = 5 * smoothNoise(days / 3, seed, 21)
  const temperature = 10.5 + 10 * season + (3 + 1.5 * season) * afternoon + front - Math.min(3, rain * 2)
  const humidity = 0.68 - 0.1 * season - 0.13 * afternoon + 0.1 * smoothNoise(days / 2, seed, 22) + 0.12 * rain
  return { rain, temperature, humidity: Math.max(0.25, Math.min(0.99, humidity)) }
}
