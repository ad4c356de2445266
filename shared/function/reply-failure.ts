import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Failure } from './classify.ts'
import { retryAfter, sendProblem } from './reply.ts'

// What these say is written for the caller; other messages may quote SQL or data.
const SPEAKING = ['PermanentError', 'RetryableError', 'ThrottledError', 'DeadlineError', 'RefusedEvent', 'Overloaded']

/** What a caller may be told of an error. */
export function publicMessage(error: { name?: string; message: string }): string {
  return SPEAKING.includes(error.name ?? '') ? error.message.slice(0, 500) : 'the call failed; the log says why'
}

/** Answers a failure as problem+json, with Retry-After where waiting helps. */
export function sendFailure(request: IncomingMessage, response: ServerResponse, failure: Failure, error: Error): void {
  const more = { detail: publicMessage(error), ...(failure.scope === 'world' ? { scope: 'world' } : {}) }
  const waits = failure.status === 429 || failure.retryAfterMs !== undefined
  sendProblem(request, response, failure.status, failure.code, more, waits ? retryAfter(failure.retryAfterMs) : {})
}
