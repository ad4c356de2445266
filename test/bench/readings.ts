import type { BusEvent } from '#shared/bus/port.ts'
import { encodeOutput } from '#shared/function/output.ts'

/** One detector's reading, as it is sent. */
export function sentReading(detector: number, at: number) {
  return {
    device: `loop-${773_000 + detector}`,
    observedAt: new Date(at).toISOString(),
    location: { type: 'Point' as const, coordinates: [-118.4 + (detector % 100) / 500, 34.1 + detector / 10_000] },
    measures: { speed: 40 + ((detector * 7 + at / 1000) % 70), count: 1 + (detector % 20), occupancy: 0.08 },
  }
}

/** Bodies of so many readings each, all of the last minute. */
export function bodiesOf(bodies: number, readings: number): string[] {
  const at = Date.now() - 30_000
  return Array.from({ length: bodies }, (_, body) => {
    const items = Array.from({ length: readings }, (_, i) => {
      const n = body * readings + i
      return sentReading(n % 1_000, at + Math.floor(n / 1_000) * 1_000)
    })
    return JSON.stringify(readings === 1 ? items[0] : items)
  })
}

/** Accepted readings of `detectors` detectors, `rounds` of each, `everyMs` apart, the last of them now. */
export const acceptedEvents = (detectors: number, rounds: number, everyMs: number): BusEvent[] =>
  [...acceptedRounds(detectors, rounds, everyMs)].flat()

/** The same, a round at a time. */
export function* acceptedRounds(detectors: number, rounds: number, everyMs: number): Generator<BusEvent[]> {
  const first = Date.now() - rounds * everyMs
  for (let round = 0; round < rounds; round++)
    yield Array.from({ length: detectors }, (_, n) => acceptedEvent(n, first + round * everyMs + (n % everyMs)))
}

function acceptedEvent(detector: number, at: number): BusEvent {
  const sent = sentReading(detector, at)
  const [longitude, latitude] = sent.location.coordinates as [number, number]
  const location = { type: 'Point' as const, coordinates: [longitude, latitude] as [number, number] }
  const receivedAt = new Date(at + 200).toISOString()
  const data = { ...sent, location, receivedAt, quality: { flags: [], confidence: 1 } }
  return encodeOutput({ topic: 'readings', data }, { function: 'ingest' })
}
