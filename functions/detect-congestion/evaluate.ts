import type { TrafficState } from '#shared/contracts/traffic.ts'
import { type Assessment, assess, MEMORY, type Measured } from './level.ts'

/** What the readings of one window add up to. */
export interface Aggregate extends Measured {
  /** Readings. */
  n: number
  /** The newest observation, milliseconds since 1970; null where n is 0. */
  observedAt: number | null
}

/** A row of window_state. */
export interface WindowRow extends Aggregate, Omit<Assessment, 'congested'> {
  segment: string
  /** Start of the window, milliseconds since 1970. */
  window: number
  freeFlow: number | null
  /** It has readings, and the next window has no row. */
  open: boolean
  rev: number
}

/** Consecutive windows of one segment, of which `rows` are stored and `touched` add up to something new, by their start. */
export interface Span {
  segment: string
  /** Start of the first window, milliseconds since 1970: twelve before the first touched one. */
  first: number
  /** Start of the last window: twelve after the last touched one. */
  last: number
  rows: Map<number, WindowRow>
  touched: Map<number, Aggregate>
}

/**
 * The rows of a span that change: the touched windows, the twelve after each whose level depends on them, and the one
 * before, which is no longer open.
 */
export function evaluate(
  { segment, first, last, rows, touched }: Span,
  freeFlowOf: (window: number) => number | null,
  windowMs: number,
): WindowRow[] {
  const timeline: (Aggregate | undefined)[] = []
  for (let window = first; window <= last; window += windowMs) timeline.push(touched.get(window) ?? rows.get(window))
  const changed: WindowRow[] = []
  let following = 0
  for (const [k, aggregate] of timeline.entries()) {
    const window = first + k * windowMs
    const before = rows.get(window)
    following = touched.has(window) ? MEMORY + 1 : following - 1
    if (aggregate === undefined || aggregate.n === 0) continue
    const opensOrCloses = touched.has(window) || touched.has(window + windowMs)
    // What follows a window further on may not have been read, and did not change.
    const open = opensOrCloses ? timeline[k + 1] === undefined : (before?.open ?? false)
    if (following > 0) {
      const freeFlow = freeFlowOf(window)
      const { level, ratio, confidence } = assess(timeline, k, freeFlow)
      const { n, speed, vehicles, occupancy, observedAt } = aggregate
      const measured = { segment, window, n, speed, vehicles, occupancy, observedAt }
      const row = { ...measured, freeFlow, level, ratio, confidence, open, rev: before?.rev ?? 1 }
      const isNews = before !== undefined && !sameValue(before, row)
      if (isNews) row.rev++
      if (isNews || before === undefined || !sameRow(before, row)) changed.push(row)
    } else if (before !== undefined && before.open !== open) changed.push({ ...before, open })
  }
  return changed
}

const sameValue = (a: WindowRow, b: WindowRow): boolean =>
  a.level === b.level && a.speed === b.speed && a.freeFlow === b.freeFlow && a.confidence === b.confidence

const sameRow = (a: WindowRow, b: WindowRow): boolean =>
  a.n === b.n &&
  a.vehicles === b.vehicles &&
  a.occupancy === b.occupancy &&
  a.observedAt === b.observedAt &&
  a.open === b.open

/** A row as the event that tells of it; final once no reading in time can change it any more. */
export function stateOf(row: WindowRow, now: Date, settings: { windowMs: number; lateAfterMs: number }): TrafficState {
  const end = row.window + settings.windowMs
  return {
    segment: row.segment,
    level: row.level,
    speedKmh: row.speed,
    freeFlowKmh: row.freeFlow,
    ratio: row.ratio,
    jamFactor: row.ratio === null ? null : Math.max(0, Math.min(10, Math.round(1000 * (1 - row.ratio)) / 100)),
    confidence: row.confidence,
    windowStart: new Date(row.window).toISOString(),
    windowEnd: new Date(end).toISOString(),
    observedAt: row.observedAt === null ? null : new Date(row.observedAt).toISOString(),
    rev: row.rev,
    final: end + settings.lateAfterMs <= now.getTime(),
  }
}
