import type { RawReading } from '#shared/dataset/dataset.ts'
import { uniform } from '../random.ts'
import { type Device, rounded } from './device.ts'

/** The devices of a town that are not as they should be: one of each kind. */
export interface Quirks {
  /** Sends what it gathered every so often, the newest first: some of it too late to count. */
  late: string
  /** Says nothing for hours. */
  silent: readonly string[]
  /** Sends now and then what cannot be read. */
  garbled: string
  /** Sends now and then a value no road can show. */
  wild: string
  /** Measures in mph, and says so. */
  mph: string
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const KMH_A_MPH = 1.609344
/** The largest value of a 16-bit counter: what a detector sends when it overflows. */
const OVERFLOW = 65_535
const WILD = 1 / 40

/** Chooses which loops are odd, and one cabinet of the street lights; the last loop never is. */
export const quirksOf = (loops: readonly Device[], lights: readonly Device[], seed: number): Quirks => {
  const byLot = loops
    .slice(0, -1)
    .map(({ id }, i) => ({ id, lot: uniform(seed, i, 81) }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ id }) => id)
  const [late = '', silent = '', garbled = '', wild = '', mph = ''] = byLot
  const light = lights[Math.floor(uniform(seed, 82) * lights.length)]?.id ?? ''
  return { late, silent: [silent, light], garbled, wild, mph }
}

/** A device's readings as they come from it: silent for some hours of each day, overflowing, or in miles an hour. */
export const readingOf = (
  { id, coordinates, measure }: Device,
  quirks: Quirks,
  seed: number,
): ((at: number, periodMs: number) => RawReading | undefined) => {
  const isSilent = (at: number): boolean => {
    if (!quirks.silent.includes(id)) return false
    const day = Math.floor(at / DAY_MS)
    const from = uniform(seed, day, 83) * 19
    const hour = (at % DAY_MS) / HOUR_MS
    return hour >= from && hour < from + 2 + 3 * uniform(seed, day, 84)
  }
  return (at, periodMs) => {
    const measured = isSilent(at) ? undefined : measure(at, periodMs)
    if (measured === undefined) return undefined
    const { speed } = measured.measures
    const reading: RawReading = {
      device: id,
      observedAt: new Date(at).toISOString(),
      location: { type: 'Point', coordinates },
      ...measured,
    }
    if (speed === undefined) return reading
    if (id === quirks.mph)
      return {
        ...reading,
        measures: { ...reading.measures, speed: rounded(speed / KMH_A_MPH, 1) },
        units: { speed: 'HM' },
      }
    if (id === quirks.wild && uniform(seed, at / 1000, 85) < WILD)
      return { ...reading, measures: { ...reading.measures, speed: OVERFLOW } }
    return reading
  }
}

/** The same reading as something that nobody can take for one: text for a number, a unit or a zone that is none. */
export const garble = (reading: RawReading, choice: number): object => {
  const { speed = 0, ...others } = reading.measures
  if (choice < 1 / 3) return { ...reading, measures: { speed: `${speed} km/h`, ...others } }
  if (choice < 2 / 3) return { ...reading, measures: { speed, ...others }, units: { speed: 'KPH' } }
  return { ...reading, observedAt: reading.observedAt.replace('Z', '') }
}
