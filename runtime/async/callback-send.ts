import { Agent, request } from 'undici'
import type { Invoke } from '../gateway/invoke.ts'
import { readTarget } from '../gateway/target.ts'
import type { ClaimedCallback } from './callback-rows.ts'
import { guardedLookup, type Lookup } from './guarded-lookup.ts'
import { type RetryPolicy, readRetryAfter } from './retry.ts'

/** What a callback came to; without a status nobody answered. */
export interface CallbackAnswer {
  status: number | undefined
  retryAfterMs?: number | undefined
  fault?: string
}

/** Makes callbacks. */
export interface CallbackSender {
  /** Takes no longer than `CALLBACK_MS`, or until it is aborted. */
  send(callback: ClaimedCallback, aborted: AbortSignal): Promise<CallbackAnswer>
  close(): Promise<void>
}

/** How often and how late a callback is made. */
export const CALLBACK_RETRY: RetryPolicy = {
  attempts: 5,
  codes: [408, 429, 500, 502, 503, 504],
  minWaitMs: 1_000,
  maxWaitMs: 30_000,
}

const TIMEOUT_MS = 15_000
/** The longest attempt, well below the lease: else another one would begin beside it. */
export const CALLBACK_MS = 2 * TIMEOUT_MS
const ASYNC = '/async-function/'

/** Sends callbacks over HTTP, and those for functions of this gateway without the network; redirects are not followed. */
export const callbackSender = (
  invoke: Invoke,
  /** Undefined where no such function is there. */
  submit: (key: string, call: { path: string; headers: string[]; body: Buffer }) => Promise<void> | undefined,
  resolve?: Lookup,
): CallbackSender => {
  const agent = new Agent({
    connect: { lookup: guardedLookup(resolve), timeout: 5_000 },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  })

  const toFunction = async ({ url, headers, body }: ClaimedCallback, signal: AbortSignal): Promise<CallbackAnswer> => {
    const later = url.startsWith(ASYNC)
    const target = readTarget(later ? `/function/${url.slice(ASYNC.length)}` : url)
    if (target.kind !== 'function') return { status: 404 }
    const { key, path } = target
    if (later) {
      const left = submit(key, { path, headers: Object.entries(headers).flat(), body })
      if (left === undefined) return { status: 404 }
      await left
      return { status: 202 }
    }
    const { status, headers: answered } = await invoke(key, { path, headers, body, keep: 0, signal })
    return { status, retryAfterMs: readRetryAfter(answered['retry-after'], Date.now()) }
  }

  return {
    async send(callback, aborted) {
      const { url, headers, body } = callback
      try {
        const signal = AbortSignal.any([aborted, AbortSignal.timeout(CALLBACK_MS)])
        if (url.startsWith('/')) return await toFunction(callback, signal)
        const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal })
        await answer.body.dump({ limit: 64 * 1024 })
        return {
          status: answer.statusCode,
          retryAfterMs: readRetryAfter(answer.headers['retry-after'], Date.now()),
        }
      } catch (error) {
        return { status: undefined, fault: (error as Error).message }
      }
    },
    close: () => agent.destroy(),
  }
}
