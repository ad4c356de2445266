import type { InvokeAnswer } from './types.ts'

/** What an answer means for the slice that was sent. */
export type Verdict =
  /** The position is at `next` now: everything below it is done. */
  | { kind: 'done'; next: bigint }
  /** Somebody else moved the position: read it again. */
  | { kind: 'moved' }
  /** The event at `next` failed, everything below it is done. */
  | ({ kind: 'event'; next: bigint; final: boolean } & Fault)
  /** The call failed and no event is named. */
  | ({ kind: 'whole'; final: boolean } & Fault)
  /** Nothing to do with the events: down, not ready, throttled. */
  | ({ kind: 'world'; next?: bigint } & Fault)
  /** 404: not deployed (yet). */
  | ({ kind: 'missing' } & Fault)
  /** Somebody has to act: credentials, configuration, a redirect. */
  | ({ kind: 'stop'; next?: bigint } & Fault)

/** A failure in the words of the delivery protocol. */
export interface Fault {
  code: string
  error: string
  retryAfterMs?: number | undefined
}

/** Why there was no answer: the attempt's time was over, the connector is stopping, or it got lost on the way. */
export type Silence = 'deadline' | 'stopping' | 'lost'

/** An answer, or the error that took its place. */
export type Outcome = InvokeAnswer | { failed: unknown; why: Silence }

/** Offsets a slice call named: the stored position and the offset after its last event. */
export interface Sent {
  first: bigint
  next: bigint
}

/** Bytes of an answer that can be one to a slice. */
export const MAX_ANSWER = 1 << 20

/** Reads the answer to a slice; whatever is not exactly the protocol is `unexpected`. */
export function judgeSlice(outcome: Outcome, sent: Sent): Verdict {
  if ('failed' in outcome || outcome.status < 200 || outcome.status > 299) return judgeFailure(outcome)
  const unexpected = (what: string): Verdict => ({ kind: 'whole', code: 'unexpected', error: what, final: false })
  if (outcome.status !== 200) return unexpected(`answered ${outcome.status} where only 200 says done`)
  if (outcome.body.byteLength > MAX_ANSWER)
    return unexpected('answered 200 with a body over 1 MiB, which is no slice answer')
  const body = parseObject(outcome.body)
  if (body === undefined) return unexpected('answered 200 with a body that is not the JSON of a slice answer')
  if (body.moved === true) return { kind: 'moved' }
  if (typeof body.next !== 'string' || !/^\d{1,19}$/.test(body.next)) return unexpected('answered 200 without `next`')
  const next = BigInt(body.next)
  if (next < sent.first || next > sent.next) {
    return unexpected(`answered next ${next}, outside ${sent.first}..${sent.next}`)
  }
  if (body.failed === undefined) {
    return next > sent.first ? { kind: 'done', next } : unexpected('answered 200 with nothing done and nothing failed')
  }
  if (next === sent.next) return unexpected('named a failed event behind the slice')
  return judgeFailed(body.failed, next)
}

/** Reads the answer to one call without a position of its own: an alarm, a schedule, a foreign function's event. */
export function judgeSingle(outcome: Outcome, sent: Sent): Verdict {
  if ('failed' in outcome || outcome.status < 200 || outcome.status > 299) return judgeFailure(outcome)
  return { kind: 'done', next: sent.next }
}

function judgeFailed(failed: unknown, next: bigint): Verdict {
  const detail = (typeof failed === 'object' && failed !== null ? failed : {}) as Record<string, unknown>
  const code = typeof detail.reason === 'string' ? detail.reason : 'unexpected'
  const fault: Fault = {
    code,
    error: typeof detail.error === 'string' ? detail.error : `the function reported ${code}`,
    retryAfterMs: typeof detail.retryAfterMs === 'number' ? detail.retryAfterMs : undefined,
  }
  if (isStop(code)) return { kind: 'stop', next, ...fault }
  if (isWorld(code, detail.scope)) return { kind: 'world', next, ...fault }
  return { kind: 'event', next, final: detail.retryable === false, ...fault }
}

function judgeFailure(outcome: Outcome): Verdict {
  if ('failed' in outcome) return judgeLost(outcome)
  const { status, via } = outcome
  const body = parseObject(outcome.body) ?? {}
  const code = typeof body.code === 'string' ? body.code : undefined
  const detail = typeof body.detail === 'string' ? `: ${body.detail}` : ''
  const fault = (fallback: string): Fault => ({
    code: code ?? fallback,
    error: `${via === 'platform' ? 'the gateway' : 'the function'} answered ${status} ${code ?? fallback}${detail}`,
    retryAfterMs: retryAfter(outcome.headers['retry-after']),
  })
  if (status === 404) return { kind: 'missing', ...fault('not_found') }
  if (status === 401 || status === 403) return { kind: 'stop', ...fault('auth') }
  if (status >= 300 && status < 400) return { kind: 'stop', ...fault('redirect') }
  if (isStop(code)) return { kind: 'stop', ...fault('configuration') }
  if (via === 'platform' && status >= 500) {
    const whole = code === 'crashed' || code === 'deadline'
    return whole ? { kind: 'whole', final: false, ...fault(code) } : { kind: 'world', ...fault('unavailable') }
  }
  if (status === 429 || status === 408 || status === 503 || isWorld(code, body.scope)) {
    return { kind: 'world', ...fault(status === 429 ? 'throttled' : 'unavailable') }
  }
  if (status === 409 || status === 425) return { kind: 'whole', final: false, ...fault('transient') }
  if (status < 500) return { kind: 'whole', final: true, ...fault(CLIENT_ERRORS[status] ?? 'permanent') }
  return { kind: 'whole', final: false, ...fault(SERVER_ERRORS[status] ?? 'unexpected') }
}

const CLIENT_ERRORS: Record<number, string> = { 400: 'decode', 413: 'oversize', 415: 'decode', 422: 'permanent' }
const SERVER_ERRORS: Record<number, string> = { 502: 'crashed', 504: 'deadline' }

// Undici and net say why a call got no answer by code only; the realm of the error is not ours.
function judgeLost({ failed, why }: { failed: unknown; why: Silence }): Verdict {
  const { code, message } = (typeof failed === 'object' && failed !== null ? failed : {}) as Record<string, unknown>
  const error = `no answer: ${typeof message === 'string' ? message : String(failed)}`
  if (why === 'stopping' || (typeof code === 'string' && UNREACHABLE.test(code)))
    return { kind: 'world', code: 'unavailable', error }
  if (why === 'deadline') return { kind: 'whole', code: 'deadline', error, final: false }
  return { kind: 'whole', code: 'crashed', error, final: false }
}

const UNREACHABLE =
  /^(NO_REPLICA|GATEWAY_GONE|ECONNREFUSED|ENOENT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/

const isStop = (code: string | undefined): boolean => code === 'configuration' || code === 'auth'

const isWorld = (code: string | undefined, scope: unknown): boolean => code === 'throttled' || scope === 'world'

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

// Seconds or an HTTP date; only seconds are used between machines of one house.
function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined
}
