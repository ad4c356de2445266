import type { Level, TrafficState } from '#shared/contracts/traffic.ts'
import type { TrafficFeature, TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { LEVELS, rankOf } from './levels.ts'

/** The segments by their id. */
export type Segments = ReadonlyMap<string, TrafficFeature>

const SILENT = { level: 'unknown', speedKmh: null, ratio: null, jamFactor: null, confidence: 0 } as const

/** What a changed state makes of a segment: the same object where the state is older than what is known. */
export function patchFeature(known: TrafficFeature, state: TrafficState, asOf: number): TrafficFeature {
  const before = known.properties.windowStart
  if (before !== null && Date.parse(before) > Date.parse(state.windowStart)) return known
  const { level, speedKmh, freeFlowKmh, ratio, jamFactor, confidence, windowStart, windowEnd, observedAt } = state
  const windowMs = Date.parse(windowEnd) - Date.parse(windowStart)
  // The server's own rule: what was observed longer than two windows ago is not known, whatever it was.
  const current = observedAt !== null && asOf - Date.parse(observedAt) <= 2 * windowMs
  const values =
    current && level !== 'unknown'
      ? { level, speedKmh, ratio, jamFactor, confidence }
      : { ...SILENT, speedKmh: current ? speedKmh : null }
  return {
    ...known,
    properties: {
      ...known.properties,
      ...values,
      freeFlowKmh,
      windowStart,
      windowEnd,
      asOf: new Date(asOf).toISOString(),
    },
  }
}

/** So often the age of what is unknown is told anew. */
const TOLD_AGAIN_MS = 60_000

/** What time alone makes of a segment that nobody tells of: unknown, once its newest observation is two windows old. */
export function expireFeature(known: TrafficFeature, asOf: number): TrafficFeature {
  const { windowStart, windowEnd, level, speedKmh, asOf: before } = known.properties
  if (windowStart === null || windowEnd === null) return known
  const end = Date.parse(windowEnd)
  const silent = level === 'unknown' && speedKmh === null
  // The newest that it can have been observed: a status does not tell when it was.
  const observedAt = Math.min(end, Date.parse(before))
  const due = silent ? Date.parse(before) + TOLD_AGAIN_MS : observedAt + 2 * (end - Date.parse(windowStart)) + 1
  if (asOf < due) return known
  return { ...known, properties: { ...known.properties, ...SILENT, asOf: new Date(asOf).toISOString() } }
}

/** City time as far as a state tells of it. */
export const timeOf = (state: TrafficState): number => Date.parse(state.observedAt ?? state.windowStart)

/** How many segments are at each level. */
export function countLevels(segments: Segments): Record<Level, number> {
  const counts = Object.fromEntries(LEVELS.map(({ level }) => [level, 0])) as Record<Level, number>
  for (const { properties } of segments.values()) counts[properties.level] += 1
  return counts
}

/** Worst first: by level, then by the share of free flow that is left, then by name. */
export const byBadness = (a: TrafficStatus, b: TrafficStatus): number =>
  rankOf(a.level) - rankOf(b.level) ||
  (a.ratio ?? Number.POSITIVE_INFINITY) - (b.ratio ?? Number.POSITIVE_INFINITY) ||
  (a.segment < b.segment ? -1 : 1)

/** The worst segments, those only where traffic is known to be less than free. */
export function worstOf(segments: Segments, count: number): TrafficStatus[] {
  const worst: TrafficStatus[] = []
  for (const { properties } of segments.values())
    if (properties.level !== 'free' && properties.level !== 'unknown') worst.push(properties)
  return worst.sort(byBadness).slice(0, count)
}

/** What people call a segment. */
export const nameOf = ({ name, segment }: { name: string | null; segment: string }): string => name ?? segment
