import type { ProfileSlot } from '#shared/contracts/page.ts'
import type { Level } from '#shared/contracts/traffic.ts'
import type { PastState, TrafficStatus } from '#shared/contracts/traffic-status.ts'

/** A day of windows as columns of equal length; null where nothing is known. */
export interface Series {
  /** Starts of the windows, milliseconds. */
  times: number[]
  speed: (number | null)[]
  p10: (number | null)[]
  p50: (number | null)[]
  p90: (number | null)[]
  level: Level[]
}

/** Puts measured and usual speeds of a range beside each other; what `now` says of its window is newer than the past. */
export function seriesOf(
  { from, to, states, slots }: { from: number; to: number; states: PastState[]; slots: ProfileSlot[] },
  now: TrafficStatus,
  windowMs: number,
): Series {
  const past = new Map<number, Pick<PastState, 'level' | 'speedKmh'>>()
  for (const state of states) past.set(Date.parse(state.windowStart), state)
  if (now.windowStart !== null && now.speedKmh !== null) past.set(Date.parse(now.windowStart), now)
  const usual = new Map(slots.map((slot) => [Date.parse(slot.windowStart), slot]))
  const series: Series = { times: [], speed: [], p10: [], p50: [], p90: [], level: [] }
  for (let at = Math.ceil(from / windowMs) * windowMs; at < to; at += windowMs) {
    const [state, slot] = [past.get(at), usual.get(at)]
    series.times.push(at)
    series.speed.push(state?.speedKmh ?? null)
    series.level.push(state?.level ?? 'unknown')
    series.p10.push(slot?.p10 ?? null)
    series.p50.push(slot?.p50 ?? null)
    series.p90.push(slot?.p90 ?? null)
  }
  return series
}

/** What the series says, for those who do not see it drawn. */
export function toldOf({ speed }: Series): string {
  const measured = speed.filter((value) => value !== null)
  const [first] = measured
  if (first === undefined) return 'No speed was measured in the last 24 hours.'
  const [least, most] = [Math.min(...measured), Math.max(...measured)].map(Math.round)
  return `Speed over the last 24 hours: between ${least} and ${most} km/h, ${Math.round(measured.at(-1) ?? first)} km/h at the end.`
}

/** What the band stands on. */
export function bandOf(slots: ProfileSlot[]): string {
  const days = slots.map((slot) => slot.days)
  if (days.length === 0) return 'No typical band yet: it needs this time of day on 3 earlier days.'
  const [least, most] = [Math.min(...days), Math.max(...days)]
  return `Typical: 8 of 10 days; from ${least === most ? most : `${least} to ${most}`} earlier days.`
}
