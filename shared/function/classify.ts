import type { DeadLetterReason } from './errors.ts'

/** What a thrown error means for the event, the caller and the connector: the table of the delivery protocol. */
export interface Failure {
  code: string
  /** HTTP status where the whole call answers with it. */
  status: number
  /** Permanent failures become dead letters; the others are tried again. */
  retryable: boolean
  /** `world`: not the event's fault; counted by the breaker, never as an attempt. */
  scope: 'event' | 'world'
  reason: DeadLetterReason
  retryAfterMs?: number | undefined
}

const failure = (code: string, status: number, rest: Partial<Failure> = {}): Failure => ({
  code,
  status,
  retryable: true,
  scope: 'event',
  reason: 'rejected_by_function',
  ...rest,
})

/** Classifies by name and code, never by class: errors may come from another realm. */
export function classify(error: unknown): Failure {
  const e = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  const code = typeof e.code === 'string' ? e.code : ''
  const retryAfterMs = typeof e.retryAfterMs === 'number' ? e.retryAfterMs : undefined
  switch (e.name) {
    case 'PermanentError':
      return failure(code, Number(e.status), { retryable: false, reason: e.reason as DeadLetterReason })
    case 'RetryableError':
      return failure('transient', 500, { scope: e.scope === 'world' ? 'world' : 'event', retryAfterMs })
    // An intake that cannot store what it is given: nobody asks its callers for less.
    case 'Overloaded':
      return failure('throttled', 503, { scope: 'world', retryAfterMs: retryAfterMs ?? 1000 })
    case 'ThrottledError':
      return failure('throttled', 429, { scope: 'world', retryAfterMs: retryAfterMs ?? 1000 })
    case 'RefusedEvent':
      return failure(code, code === 'oversize' ? 413 : 422, {
        retryable: false,
        reason: code === 'oversize' ? 'oversize' : 'validation',
      })
    case 'DeadlineError':
      return failure('deadline', 504)
    case 'DatabaseUnavailable':
    case 'BusUnavailable':
      return failure('transient', 500, { scope: 'world' })
    default:
      return classifySqlState(code, e.constraint)
  }
}

/**
 * The status of an event call that failed: a handler's own word for HTTP (404, 409, 200 …) would be taken by those who
 * bring events for something else, so what is permanent is 422 but for 413 and 415. Not all of them try again after a 503.
 */
export const eventStatus = ({ retryable, status }: Failure): number => {
  if (retryable) return status === 503 ? 429 : status
  return status === 413 || status === 415 ? status : 422
}

/** By SQLSTATE; what is none of the known ones, or no SQLSTATE at all, is `unexpected`. */
function classifySqlState(code: string, constraint: unknown): Failure {
  if (code === 'JN001') return failure('moved', 200)
  if (code === '23503') return failure('missing_reference', 500)
  if (/^(22|54)/.test(code)) return failure('permanent', 422, { retryable: false, reason: 'rejected_by_function' })
  if (/^(08|53|57P)/.test(code) || code === '55P03') return failure('transient', 500, { scope: 'world' })
  if (/^40/.test(code) || code === '57014' || /^25P0[34]$/.test(code)) return failure('transient', 500)
  // A check without a name: no partition of the table takes the row.
  if (code === '23514' && constraint === undefined) return failure('configuration', 500)
  if (/^(28|3D|3F|42)/.test(code) || code === 'JN002' || code === 'configuration') return failure('configuration', 500)
  return failure('unexpected', 500)
}
