import type { AcceptedReading } from '#shared/contracts/reading.ts'

/** What a reading says of traffic: null where it says nothing, or nothing a road can show. */
export interface Sample {
  reading: AcceptedReading
  /** Start of its window, milliseconds since 1970. */
  window: number
  /** -1 where the device counts none. */
  seq: number
  /** km/h. */
  speed: number | null
  /** Vehicles in the period. */
  count: number | null
  /** 0..1. */
  occupancy: number | null
}

/** A sample with the segment it was measured on. */
export interface Placed extends Sample {
  segment: string
}

const MAX = { speed: 500, count: 100_000, occupancy: 1 }

/** Takes readings apart: what says something of traffic, and what came too late to count. */
export function sift(
  readings: AcceptedReading[],
  { windowMs, lateAfterMs }: { windowMs: number; lateAfterMs: number },
): { samples: Sample[]; late: AcceptedReading[] } {
  const samples: Sample[] = []
  const late: AcceptedReading[] = []
  for (const reading of readings) {
    const observed = Date.parse(reading.observedAt)
    if (Date.parse(reading.receivedAt) - observed > lateAfterMs) {
      late.push(reading)
      continue
    }
    const measure = (name: keyof typeof MAX) => plausible(reading.measures, name)
    const [speed, count, occupancy] = [measure('speed'), measure('count'), measure('occupancy')]
    if (speed === null && count === null && occupancy === null) continue
    const window = Math.floor(observed / windowMs) * windowMs
    samples.push({ reading, window, seq: reading.seq ?? -1, speed, count, occupancy })
  }
  return { samples, late }
}

function plausible(measures: Record<string, number>, name: keyof typeof MAX): number | null {
  const value = Object.hasOwn(measures, name) ? measures[name] : undefined
  return value !== undefined && value >= 0 && value <= MAX[name] ? value : null
}
