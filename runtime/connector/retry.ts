const BASE_MS = 200
const LONGEST_MS = 60_000

/** No event is tried for longer than this since its first counted attempt. */
export const MAX_AGE_MS = 24 * 3_600_000

/** Full jitter: random(0, min(60 s, 200 ms × 2^n)), never before Retry-After (honoured up to 60 s). */
export function backoffMs(failures: number, random: number, retryAfterMs = 0): number {
  const jitter = random * Math.min(LONGEST_MS, BASE_MS * 2 ** Math.min(failures, 20))
  return Math.max(jitter, Math.min(retryAfterMs, LONGEST_MS))
}

const LIMITS: Record<string, number> = {
  transient: 10,
  missing_reference: 3,
  unexpected: 3,
  deadline: 3,
  crashed: 3,
  decode: 1,
  invalid: 1,
  oversize: 1,
  permanent: 1,
}

/** Counted attempts an event gets for failures of this code; a word of the function's own is final if it says so. */
export function attemptLimit(code: string, final: boolean): number {
  if (final) return 1
  return Object.hasOwn(LIMITS, code) ? (LIMITS[code] as number) : 3
}

/** Reason of the dead letter for a failure that no further attempt can help. */
export function finalReason(code: string): 'decode' | 'validation' | 'oversize' | 'rejected_by_function' {
  if (code === 'decode' || code === 'oversize') return code
  return code === 'invalid' ? 'validation' : 'rejected_by_function'
}
