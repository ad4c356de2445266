import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Failure } from './classify.ts'
import { BY_PLATFORM, retryAfter, sendProblem } from './reply.ts'

// What these say is written for the caller; other messages may quote SQL or data.
const SPEAKING = ['PermanentError', 'RetryableError', 'ThrottledError', 'DeadlineError', 'RefusedEvent', 'Overloaded']

/** What a caller may be told of an error. */
export function publicMessage(error: { name?: string; message: string }): string {
  return SPEAKING.includes(error.name ?? '') ? error.message.slice(0, 500) : 'the call failed; the log says why'
}

/**
 * What the connector is told, for the eyes of operators: of a fault of the configuration the very words, which name what
 * is missing (a table, a role) and hold no data.
 */
export const operatorMessage = (error: { name?: string; message: string }, { code }: Failure): string =>
  code === 'configuration' ? error.message.slice(0, 500) : publicMessage(error)

/** Answers a failure as problem+json, with Retry-After where waiting helps. */
export function sendFailure(
  request: IncomingMessage,
  response: ServerResponse,
  failure: Failure,
  detail: string,
): void {
  const more = { detail, ...(failure.scope === 'world' ? { scope: 'world' } : {}) }
  const waits = failure.status === 429 || failure.retryAfterMs !== undefined
  const headers = {
    ...(waits ? retryAfter(failure.retryAfterMs) : {}),
    ...(failure.code === 'deadline' ? BY_PLATFORM : {}),
  }
  sendProblem(request, response, failure.status, failure.code, more, headers)
}
