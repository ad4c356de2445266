import type { RawReading } from '#shared/dataset/dataset.ts'
import { type Day, STEP_MS } from './day.ts'
import { type Random, seeded } from './random.ts'

/** One thing sent in one step. */
export type Delivery =
  | { kind: 'reading'; reading: RawReading & { seq?: number } }
  /** By HTTP: must be refused with a 4xx, or a 207 item of one. */
  | { kind: 'malformed-http'; text: string }
  /** Straight to the log: must end as a dead letter of each consumer. */
  | { kind: 'malformed-log'; id: string; text: string }

/** What is sent in each step of the stepped city clock, and the clock of the steps. */
export interface Plan {
  /** City time of step i. */
  clock(step: number): Date
  steps: Delivery[][]
}

/** City time of a step lies so much after the observations of its window. */
const LAG_MS = 60_000
/** On time up to 2 steps on (11 min), late from 3 steps on (16 min): LATE_AFTER is 15 min. */
const ON_TIME_STEPS = 3
const LATE_STEPS = [3, 4, 6]

const BROKEN = ['{"device":', '', 'null', '{"device":"x"}', '{"device":1,"observedAt":"2026-03-02T00:00:00Z"}']

/**
 * Spreads a day over the steps: shuffled within LATE_AFTER, 10 % repeated, 5 % late, 1 % malformed (half by HTTP, half
 * written to the log), 2 % of the segments silent for a while; what the day brings of that comes on top. The same day and seed give the same plan.
 */
export function planDay(day: Day, seed: number): Plan {
  const random = seeded(seed)
  const steps: Delivery[][] = Array.from({ length: day.steps.length + 8 }, () => [])
  const put = (step: number, delivery: Delivery) => steps[Math.min(step, steps.length - 1)]?.push(delivery)
  let malformed = 0

  for (const [step, { readings, malformed: texts }] of day.steps.entries()) {
    for (const text of texts) put(step, { kind: 'malformed-http', text })
    for (const reading of readings) {
      if (isSilent(reading.device, step, seed)) continue
      const delay = random.next() < 0.05 ? random.pick(LATE_STEPS) : random.below(ON_TIME_STEPS)
      put(step + delay, { kind: 'reading', reading })
      if (random.next() < 0.1) put(step + delay + random.below(2), { kind: 'reading', reading })
      if (random.next() < 0.02 && reading.measures.speed !== undefined)
        put(step + random.below(ON_TIME_STEPS), { kind: 'reading', reading: corrected(reading, random) })
      if (random.next() < 0.01) {
        const text = random.pick(BROKEN)
        put(
          step,
          malformed++ % 2 === 0
            ? { kind: 'malformed-http', text }
            : { kind: 'malformed-log', id: `malformed-${malformed}`, text },
        )
      }
    }
  }
  return {
    clock: (step) => new Date(day.start.getTime() + step * STEP_MS + LAG_MS),
    steps: steps.map((step) => shuffled(step, random)),
  }
}

/** A device sends its value again with a sequence number and another speed: the higher seq wins. */
function corrected(reading: RawReading, random: Random): RawReading & { seq: number } {
  const speed = Math.round(Number(reading.measures.speed) * (0.5 + random.next()) * 10) / 10
  return { ...reading, measures: { ...reading.measures, speed }, seq: 1 }
}

/** In two hours of a hundred a device says nothing. */
function isSilent(device: string, step: number, seed: number): boolean {
  let hash = seed
  for (const c of `${device}/${Math.floor(step / 12)}`) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193) >>> 0
  return hash % 100 < 2
}

function shuffled<T>(items: T[], random: Random): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[result[i], result[j]] = [result[j] as T, result[i] as T]
  }
  return result
}
