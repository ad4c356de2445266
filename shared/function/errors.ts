import type { deadLetterReasons } from '#shared/contracts/dead-letters.ts'

/** Why a dead letter was written. */
export type DeadLetterReason = (typeof deadLetterReasons)[number]

/** Trying again cannot help: the event becomes a dead letter, a caller gets `status` (422). */
export class PermanentError extends Error {
  override name = 'PermanentError'
  code: string
  reason: DeadLetterReason
  status: number
  constructor(
    message: string,
    { code = 'permanent', reason = 'rejected_by_function', status = 422, cause }: PermanentOptions = {},
  ) {
    super(message, { cause })
    this.code = code
    this.reason = reason
    this.status = status
  }
}

interface PermanentOptions {
  code?: string
  reason?: DeadLetterReason
  status?: number
  cause?: unknown
}

/** Trying again may help; with scope `world` no attempt is counted and the breaker hears of it. */
export class RetryableError extends Error {
  override name = 'RetryableError'
  code = 'transient' as const
  scope: 'event' | 'world'
  retryAfterMs: number | undefined
  constructor(message: string, { scope = 'event', retryAfterMs, cause }: RetryableOptions = {}) {
    super(message, { cause })
    this.scope = scope
    this.retryAfterMs = retryAfterMs
  }
}

interface RetryableOptions {
  scope?: 'event' | 'world'
  retryAfterMs?: number
  cause?: unknown
}

/**
 * Somebody asks us to slow down: 429 with Retry-After, no attempt counted.
 * @public
 */
export class ThrottledError extends Error {
  override name = 'ThrottledError'
  code = 'throttled' as const
  retryAfterMs: number
  constructor(message: string, retryAfterMs = 1000) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** The caller's signal or the deadline ended the work. */
export class DeadlineError extends Error {
  override name = 'DeadlineError'
  code = 'deadline' as const
}
