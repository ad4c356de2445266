import { attemptLimit, backoffMs, finalReason, MAX_AGE_MS } from './retry.ts'
import type { Fault, Sent, Verdict } from './verdict.ts'

/** How one partition of a consumer is getting on; of it, only the culprit outlives a restart. */
export interface Progress {
  /** `again`: a slice failed as a whole and goes out once more; `single`: event by event until `until`. */
  mode: 'slices' | 'again' | 'single'
  until: bigint
  culprit: Culprit | undefined
  /** Failures since anything got done. */
  failures: number
}

/** The event whose failures are being counted: it goes out alone until it is done or buried. */
export interface Culprit {
  offset: bigint
  counts: Record<string, number>
  /** `Time.now` of the first counted attempt. */
  firstAt: number
}

/** What to do after a verdict, in this order. */
export interface Steps {
  progress: Progress
  /** The offset the position is at now, by the function's word. */
  advance?: bigint
  reload?: boolean
  /** Write a dead letter for the event at `advance`, or at the start of the slice, and move past it. */
  bury?: Burial
  waitMs?: number
  /** The code under which an attempt was counted against an event. */
  counted?: string
}

/** Why and after how much an event is given up. */
export interface Burial extends Fault {
  reason: 'attempts_exhausted' | 'too_old' | 'decode' | 'validation' | 'oversize' | 'rejected_by_function'
  attempts: number
  /** Milliseconds since its first counted attempt. */
  ageMs: number
}

/** The circumstances of a call. */
export interface Call extends Sent {
  /** How many events were sent. */
  count: number
  /** Sent while the breaker was open or the consumer stopped: nothing is counted. */
  probe: boolean
  now: number
  random: number
}

/** Nothing failed yet. */
export const freshProgress = (): Progress => ({ mode: 'slices', until: 0n, culprit: undefined, failures: 0 })

/** How many events the next call may carry. */
export const sliceSize = (progress: Progress, batch: number): number =>
  progress.mode === 'single' || progress.culprit !== undefined ? 1 : batch

/** The number of the attempt about to be made, as the function is told. */
export const attemptNumber = (progress: Progress): number => progress.failures + 1

/** Draws the consequences of an answer: pure, so that every path of the retry rules can be tested. */
export function judge(progress: Progress, verdict: Verdict, call: Call): Steps {
  switch (verdict.kind) {
    case 'done':
      return { progress: moved(progress, verdict.next), advance: verdict.next }
    case 'moved':
      return { progress, reload: true }
    case 'event': {
      const at = verdict.next > call.first ? moved(progress, verdict.next) : progress
      return { ...counted(at, verdict, verdict.next, call), advance: verdict.next }
    }
    case 'whole':
      return call.count > 1 ? isolate(progress, verdict, call) : counted(progress, verdict, call.first, call)
    case 'world':
    case 'stop': {
      const next = verdict.next ?? call.first
      return { ...retried(next > call.first ? moved(progress, next) : progress, verdict, call), advance: next }
    }
    case 'missing':
      return retried(progress, verdict, call)
  }
}

/** After something got done: back to slices once the culprit or the suspicious slice lies behind. */
export function moved(progress: Progress, next: bigint): Progress {
  const culprit = progress.culprit !== undefined && next <= progress.culprit.offset ? progress.culprit : undefined
  const shown = progress.culprit !== undefined && culprit === undefined
  const single = progress.mode === 'single' && !shown && next < progress.until
  return { mode: single ? 'single' : 'slices', until: progress.until, culprit, failures: 0 }
}

function isolate(progress: Progress, fault: Fault, call: Call): Steps {
  const mode = progress.mode === 'slices' ? 'again' : 'single'
  return retried({ ...progress, mode, until: call.next }, fault, call)
}

function retried(progress: Progress, fault: Fault, call: Call): Steps {
  const waitMs = backoffMs(progress.failures, call.random, fault.retryAfterMs)
  return { progress: { ...progress, failures: progress.failures + 1 }, waitMs }
}

function counted(progress: Progress, fault: Fault & { final: boolean }, offset: bigint, call: Call): Steps {
  if (call.probe && !fault.final) return retried(progress, fault, call)
  const before = progress.culprit?.offset === offset ? progress.culprit : undefined
  const culprit: Culprit = {
    offset,
    firstAt: before?.firstAt ?? call.now,
    counts: { ...before?.counts, [fault.code]: (before?.counts[fault.code] ?? 0) + 1 },
  }
  const ageMs = call.now - culprit.firstAt
  const limit = attemptLimit(fault.code, fault.final)
  const attempts = Object.values(culprit.counts).reduce((sum, n) => sum + n, 0)
  const exhausted = (culprit.counts[fault.code] ?? 0) >= limit
  if (exhausted || ageMs >= MAX_AGE_MS) {
    const reason = !exhausted ? 'too_old' : limit === 1 ? finalReason(fault.code) : 'attempts_exhausted'
    return { progress: { ...progress, culprit }, bury: { ...fault, reason, attempts, ageMs }, counted: fault.code }
  }
  return { ...retried({ ...progress, culprit }, fault, call), counted: fault.code }
}
