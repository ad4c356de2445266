import type { ProfileSlot } from '#shared/contracts/page.ts'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { nameOf, type Segments, worstOf } from './city.ts'
import { span } from './clock.ts'
import { isSlow, lookOf } from './levels.ts'

const grouped = new Intl.NumberFormat('en-GB')

/** A number of things, as people write it: `12,345`. */
export const counted = (count: number): string => grouped.format(count)

/** A number of things with what they are: `1 crash`, `12,345 events`. */
export const plural = (count: number, one: string, more = `${one}s`): string =>
  `${counted(count)} ${count === 1 ? one : more}`

/** A speed for people; km/h are written beside it. */
export const whole = (speed: number | null): string => (speed === null ? '–' : String(Math.round(speed)))

/** A share in whole percent, rounded down: 89.96 % is not yet 90 %, where another level begins. */
export const percent = (share: number | null): string =>
  // The little that is added makes 0.57 the 57 % that it is not quite in binary.
  share === null ? '–' : String(Math.floor(100 * share + 1e-9))

/** One plain sentence on the whole city. */
export function summaryOf(segments: Segments): string {
  let [slow, measured] = [0, 0]
  for (const { properties } of segments.values()) {
    if (properties.level !== 'unknown') measured += 1
    if (isSlow(properties.level)) slow += 1
  }
  if (measured === 0) return `Nothing was measured lately on any of ${plural(segments.size, 'segment')}.`
  const some = plural(measured, measured === segments.size ? 'segment' : 'measured segment')
  if (slow === 0) return `No slow traffic on any of ${some}.`
  const [worst] = worstOf(segments, 1)
  const on = `Traffic is slow or jammed on ${counted(slow)} of ${some}`
  if (!worst) return `${on}.`
  const speed = worst.speedKmh === null ? lookOf(worst.level).label.toLowerCase() : `${whole(worst.speedKmh)} km/h`
  return `${on}; worst: ${nameOf(worst)}, ${speed}.`
}

/** One plain sentence on a segment, against what is usual there at this time if that is known. */
export function verdictOf(status: TrafficStatus, usual: ProfileSlot | undefined): string {
  const { level, speedKmh, freeFlowKmh, windowEnd, asOf } = status
  if (windowEnd === null) return 'No reading yet.'
  if (level === 'closed') return 'Closed to traffic.'
  if (level === 'unknown' && speedKmh === null)
    return `No reading for ${span(Date.parse(asOf) - Date.parse(windowEnd))}: what is on the road now is not known.`
  if (speedKmh === null) return `Traffic ${lookOf(level).plain}.`
  const speed = `${whole(speedKmh)} km/h`
  if (level === 'unknown') return `${speed}; without a free-flow speed nobody can say whether that is slow.`
  if (usual) {
    const against = `${speed}, usually ${whole(usual.p50)} at this time`
    if (speedKmh < usual.p10) return `Slower than usual: ${against}.`
    return speedKmh > usual.p90 ? `Faster than usual: ${against}.` : `As usual: ${against}.`
  }
  return `Traffic ${lookOf(level).plain}: ${speed}${freeFlowKmh === null ? '' : `, ${whole(freeFlowKmh)} on the empty road`}.`
}

/** Why the level is not what this window's speed alone would make it; undefined where it is. */
export function heldOf({ level, ratio }: Pick<TrafficStatus, 'level' | 'ratio'>): string | undefined {
  if (level !== 'slow' || ratio === null) return undefined
  if (ratio >= 0.625) return 'A jam was here: slow until three windows in a row are above 60 % of free flow.'
  return ratio < 0.35 ? 'Not yet a jam: that takes two such windows in a row, with at least five vehicles.' : undefined
}

/** How far a value can be trusted, and why. */
export function trustOf({ level, confidence }: Pick<TrafficStatus, 'level' | 'confidence'>): string {
  if (level === 'unknown' || confidence === 0) return 'none'
  if (confidence >= 0.85) return 'high: speeds and counts'
  return confidence >= 0.6 ? 'good: speeds without counts' : 'low: very few vehicles'
}
