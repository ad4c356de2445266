import { parseDuration } from '#shared/contracts/duration.ts'

/** How often and how late a call is made again. */
export interface RetryPolicy {
  /** Times a call is made at most. */
  attempts: number
  /** Statuses of the function after which it is made again. */
  codes: number[]
  minWaitMs: number
  maxWaitMs: number
}

/** What holds where a function's annotations say nothing else. */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 10,
  codes: [408, 429, 500, 502, 503, 504],
  minWaitMs: 10_000,
  maxWaitMs: 120_000,
}

const PREFIX = 'com.openfaas.retry.'
const MOST_ATTEMPTS = 1_000
/** A function that asks for more patience than this gets this. */
const LONGEST_RETRY_AFTER_MS = 3_600_000

/** Reads `com.openfaas.retry.*`; throws RangeError that names the annotation and what it may hold. */
export const retryPolicyOf = (annotations: Record<string, string>): RetryPolicy => {
  const read = <T>(name: string, fallback: T, parse: (text: string) => T | undefined, rule: string): T => {
    const text = annotations[PREFIX + name]?.trim()
    if (text === undefined) return fallback
    const value = parse(text)
    if (value === undefined) throw new RangeError(`${PREFIX}${name}: "${text.slice(0, 32)}" must be ${rule}`)
    return value
  }
  const wait = (name: string, fallback: number) =>
    read(name, fallback, duration, 'a duration from 0s to 24h, such as 10s or 2m')
  const rule = `a number from 0 to ${MOST_ATTEMPTS}`
  // One that is given moves the other, unless that is given, too.
  const minWaitMs = wait('min_wait', Math.min(DEFAULT_RETRY.minWaitMs, wait('max_wait', DEFAULT_RETRY.minWaitMs)))
  const maxWaitMs = wait('max_wait', Math.max(DEFAULT_RETRY.maxWaitMs, minWaitMs))
  if (maxWaitMs < minWaitMs) throw new RangeError(`${PREFIX}max_wait must not be shorter than ${PREFIX}min_wait`)
  return {
    attempts: Math.max(1, read('attempts', DEFAULT_RETRY.attempts, wholeNumber, rule)),
    codes: read('codes', DEFAULT_RETRY.codes, statuses, 'HTTP statuses from 400 to 599 with commas between them'),
    minWaitMs,
    maxWaitMs,
  }
}

const wholeNumber = (text: string): number | undefined =>
  /^\d{1,4}$/.test(text) && Number(text) <= MOST_ATTEMPTS ? Number(text) : undefined

const statuses = (text: string): number[] | undefined => {
  const codes = text.split(',').map((code) => code.trim())
  return codes.every((code) => /^[45]\d\d$/.test(code)) ? codes.map(Number) : undefined
}

const duration = (text: string): number | undefined => {
  try {
    const ms = parseDuration(text)
    return ms <= 86_400_000 ? ms : undefined
  } catch {
    return undefined
  }
}

/**
 * How long to wait after so many attempts: at random between `min_wait` and that times two for each attempt, `max_wait` at
 * most; a `Retry-After` of the function takes the place of the random one, with `min_wait` as its floor.
 */
export const retryWaitMs = (policy: RetryPolicy, attempts: number, random: number, retryAfterMs?: number): number => {
  const { minWaitMs, maxWaitMs } = policy
  if (retryAfterMs !== undefined) return Math.max(minWaitMs, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS))
  const longest = Math.min(maxWaitMs, minWaitMs * 2 ** Math.min(attempts, 30))
  return minWaitMs + random * (longest - minWaitMs)
}

/** The header `Retry-After`, seconds or a date, in milliseconds from now; undefined where it says nothing. */
export const readRetryAfter = (header: string | string[] | undefined, now: number): number | undefined => {
  const text = (Array.isArray(header) ? header[0] : header)?.trim()
  if (!text) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
