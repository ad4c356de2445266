import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '#shared/state/database.ts'
import {
  type ClaimedCallback,
  claimCallbacks,
  endCallback,
  giveBackCallback,
  postponeCallback,
} from './callback-rows.ts'
import { CALLBACK_RETRY, type CallbackAnswer, type CallbackSender } from './callback-send.ts'
import { retryWaitMs } from './retry.ts'

/** Makes the callbacks that are due. */
export interface Callbacks {
  /** Takes what is due, as many as can be made at a time; answers whether there may be more. */
  run(): Promise<boolean>
  /** Waits so long for what is in flight, then gives the rest back. */
  stop(graceMs: number): Promise<void>
}

const MOST_AT_A_TIME = 16

/** Callbacks that go through `sender`; `onEnd` hears after how long one is made again, or 0 for one that is over. */
export const createCallbacks = (
  database: Database,
  sender: CallbackSender,
  log: Logger,
  onEnd: (dueInMs: number) => void,
): Callbacks => {
  const inFlight = new Set<Promise<void>>()
  const stopped = new AbortController()

  const conclude = async (callback: ClaimedCallback, { status, retryAfterMs, fault }: CallbackAnswer) => {
    const { seq, callId, function: name, attempts } = callback
    if (status !== undefined && status >= 200 && status < 300) {
      await endCallback(database, seq, 'delivered')
      return 0
    }
    const facts = { callId, function: name, to: placeOf(callback.url), attempts, status, fault }
    const isFinal = status !== undefined && !CALLBACK_RETRY.codes.includes(status)
    if (isFinal || attempts >= CALLBACK_RETRY.attempts) {
      log.error({ alarm: 'callback_failed', ...facts }, 'nobody could be told what a call came to')
      await endCallback(database, seq, 'failed')
      return 0
    }
    const waitMs = retryWaitMs(CALLBACK_RETRY, attempts, Math.random(), retryAfterMs)
    log.warn(facts, 'a callback was not taken: it is made again')
    await postponeCallback(database, seq, waitMs)
    return waitMs
  }

  const make = async (callback: ClaimedCallback): Promise<void> => {
    try {
      const answer = await sender.send(callback, stopped.signal)
      if (answer.status === undefined && stopped.signal.aborted) await giveBackCallback(database, callback.seq)
      else onEnd(await conclude(callback, answer))
    } catch (error) {
      // Its lease ends, and it is made once more.
      log.warn({ err: error, callId: callback.callId }, 'the end of a callback was not noted')
    }
  }

  return {
    async run() {
      const free = MOST_AT_A_TIME - inFlight.size
      if (free <= 0) return true
      const claimed = await claimCallbacks(database, free)
      for (const callback of claimed) {
        const made = make(callback).finally(() => inFlight.delete(made))
        inFlight.add(made)
      }
      return claimed.length === free
    },
    async stop(graceMs) {
      const patience = new AbortController()
      const over = sleep(graceMs, undefined, { signal: patience.signal }).catch(() => {})
      await Promise.race([Promise.all(inFlight), over])
      patience.abort()
      stopped.abort(new Error('the runtime stops'))
      await Promise.all(inFlight)
    },
  }
}

/** Where it went, without what a path or a query may hold in confidence. */
const placeOf = (url: string): string => (url.startsWith('/') ? (url.split(/[?]/)[0] as string) : new URL(url).origin)
