import type { InvocationResult } from '../gateway/invoke.ts'
import { problemLine } from '../problem-line.ts'
import { type RetryPolicy, readRetryAfter, retryWaitMs } from './retry.ts'

/** What one attempt of a call means. */
export interface Verdict {
  state: 'done' | 'failed' | 'queued'
  /** What the caller is told; unknown where nobody was asked: then the attempt does not count. */
  httpStatus: number | undefined
  /** Before the next attempt. */
  waitMs: number
  /** The function has too much to do: none of its calls begins for so long. */
  pauseMs: number | undefined
  /** Why it failed for good though it was tried again and again. */
  letter: { errorClass: string; error: string } | undefined
}

/** Where the call came from: how often it was made before, and what holds for it. */
export interface Tried {
  attempts: number
  policy: RetryPolicy
  /** Nobody has its function any more. */
  forsaken: boolean
  random: number
  now: number
}

const PAUSE_MS = 1_000
/** The platform's words for a function that no call got to. */
const UNREACHED = ['not_found', 'no_replica', 'throttled']

/** Decides what happens after an attempt: the result of the call, or another attempt. */
export const judge = (result: InvocationResult, { attempts, policy, forsaken, random, now }: Tried): Verdict => {
  const { status, headers, via, code = '', body } = result
  const retryAfterMs = readRetryAfter(headers['retry-after'], now)
  const busy = status === 429 || (status === 503 && retryAfterMs !== undefined)
  const pauseMs = busy ? (retryAfterMs ?? PAUSE_MS) : undefined
  const waitMs = retryWaitMs(policy, attempts + 1, random, retryAfterMs)
  // Too many wait for its replicas already, or another runtime may have the function: the call has not been made at all.
  const isNotHere = code === 'not_found' && !forsaken
  if (via === 'platform' && (code === 'throttled' || isNotHere))
    return { state: 'queued', httpStatus: undefined, waitMs, pauseMs, letter: undefined }

  const httpStatus = via === 'platform' && UNREACHED.includes(code) ? 503 : status
  const byPlatform = via === 'platform' || (headers['x-openfaas-internal'] !== undefined && status >= 400)
  if (!byPlatform && !policy.codes.includes(status))
    return { state: status < 400 ? 'done' : 'failed', httpStatus, waitMs: 0, pauseMs: undefined, letter: undefined }
  const isLast = code === 'not_found' || attempts + 1 >= policy.attempts
  if (!isLast) return { state: 'queued', httpStatus, waitMs, pauseMs, letter: undefined }
  const letter = { errorClass: code || `HTTP ${status}`, error: problemLine(status, body.toString('utf8')) }
  return { state: 'failed', httpStatus, waitMs: 0, pauseMs, letter }
}
