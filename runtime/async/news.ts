import type { InvocationResult } from '../gateway/invoke.ts'
import type { ClaimedCall } from './calls.ts'
import type { News } from './endings.ts'

/** Bytes of an answer that a callback brings. */
export const MOST_ANSWER_BYTES = 1024 * 1024

/** Those of the hop, those that somebody else sets, and those by which a function could speak as somebody else. */
const NOT_PASSED_ON =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|date|server|set-cookie|authorization|cookie|host|expect|x-call-id|x-start-time|x-callback-url|x-retry|x-retry-max|junction-.*)$/

/** What the callback of a call brings: the function's answer, and beside it which call that was. */
export const newsOf = (
  call: ClaimedCall,
  { headers, body, cut }: InvocationResult,
  { httpStatus, seconds }: { httpStatus: number; seconds: number },
): News | undefined => {
  if (call.callbackUrl === undefined) return undefined
  const passed = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || NOT_PASSED_ON.test(name) ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  )
  return {
    url: call.callbackUrl,
    headers: {
      ...(Object.fromEntries(passed) as Record<string, string>),
      'x-call-id': call.callId,
      'x-duration-seconds': seconds.toFixed(6),
      'x-function-status': String(httpStatus),
      'x-function-name': call.function,
      ...(cut ? { 'x-body-truncated': 'true' } : {}),
    },
    body,
  }
}
