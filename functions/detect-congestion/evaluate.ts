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

/** Rows of one segment by the start of their window. */
export type Rows<Row> = Map<number, Row>

/**
 * The rows of one segment that change when the windows in `touched` add up to something new: those windows, the twelve
 * after each whose level depends on them, and the one before, which is no longer open.
 */
export function evaluate(
  segment: string,
  stored: Rows<WindowRow>,
  touched: Rows<Aggregate>,
  freeFlowOf: (window: number) => number | null,
  windowMs: number,
): WindowRow[] {
  const measured = new Map<number, Aggregate>([...stored, ...touched])
  const changed: WindowRow[] = []
  const affected = followers(measured, touched, windowMs)
  for (const window of affected) {
    const before = stored.get(window)
    const freeFlow = freeFlowOf(window)
    const aggregate = measured.get(window) as Aggregate
    const { level, ratio, confidence } = assess(history(measured, window, windowMs), freeFlow)
    // What follows a window further on was not read, and did not change.
    const near = touched.has(window) || touched.has(window + windowMs)
    const open = near ? !measured.has(window + windowMs) : (before?.open ?? false)
    const row = { ...aggregate, segment, window, freeFlow, level, ratio, confidence, open }
    if (before === undefined || !sameValue(before, row)) changed.push({ ...row, rev: (before?.rev ?? 0) + 1 })
    else if (!sameRow(before, row)) changed.push({ ...row, rev: before.rev })
  }
  for (const window of touched.keys()) {
    const previous = stored.get(window - windowMs)
    if (previous?.open && !affected.has(previous.window)) changed.push({ ...previous, open: false })
  }
  return changed
}

function followers(measured: Rows<Aggregate>, touched: Rows<Aggregate>, windowMs: number): Set<number> {
  const windows = new Set<number>()
  for (const window of touched.keys())
    for (let i = 0; i <= MEMORY; i++) {
      const other = window + i * windowMs
      if ((measured.get(other)?.n ?? 0) > 0) windows.add(other)
    }
  return windows
}

function history(measured: Rows<Aggregate>, window: number, windowMs: number): (Measured | undefined)[] {
  const windows: (Measured | undefined)[] = []
  for (let i = MEMORY; i >= 0; i--) windows.push(measured.get(window - i * windowMs))
  return windows
}

type Unnumbered = Omit<WindowRow, 'rev'>

const sameValue = (a: Unnumbered, b: Unnumbered): boolean =>
  a.level === b.level && a.speed === b.speed && a.freeFlow === b.freeFlow && a.confidence === b.confidence

const sameRow = (a: Unnumbered, b: Unnumbered): boolean =>
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
