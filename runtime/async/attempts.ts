import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '#shared/state/database.ts'
import type { InvocationResult, Invoke } from '../gateway/invoke.ts'
import { createBatches } from './batches.ts'
import { type ClaimedCall, LEASE_MS, renewCalls } from './calls.ts'
import { type Ending, endCalls, endCallWithNews } from './endings.ts'
import { judge, type Verdict } from './judge.ts'
import { MOST_ANSWER_BYTES, newsOf } from './news.ts'
import type { RetryPolicy } from './retry.ts'

/** What making calls needs. */
export interface AttemptsOptions {
  database: Database
  invoke: Invoke
  policyOf(key: string): RetryPolicy
  log: Logger
  /** What a call came to, where it was this process's to say. */
  onEnd(call: ClaimedCall, verdict: Verdict): void
}

/** The calls that are being made. */
export interface Attempts {
  /** Makes a call and notes what came of it; never rejects. */
  make(call: ClaimedCall): Promise<void>
  /** Gives calls up that are no longer to be made. */
  abort(seqs: string[]): void
  /** Waits so long for what is in flight, then gives the rest back to the queue. */
  stop(graceMs: number): Promise<void>
}

type Cut = 'gone' | 'stopped'

interface Held {
  call: ClaimedCall
  controller: AbortController
  cut?: Cut
  over: Promise<void>
}

/** Enough of an answer to say why a call failed. */
const DETAIL_BYTES = 4_096
const RETRY_MS = 500

/** Makes calls, keeps them leased meanwhile, and notes their ends in batches. */
export const createAttempts = ({ database, invoke, policyOf, log, onEnd }: AttemptsOptions): Attempts => {
  const held = new Set<Held>()
  const ends = createBatches((endings: Ending[]) => endCalls(database, endings))
  let stopping = false
  let given = false

  const cut = (one: Held, why: Cut): void => {
    if (one.cut) return
    one.cut = why
    one.controller.abort(new Error('the call was given up'))
  }

  /** What was done must be noted, however long that takes: else it is done again. */
  const noted = async (note: () => Promise<boolean>): Promise<boolean> => {
    for (;;) {
      try {
        return await note()
      } catch (error) {
        if (given) throw error
        log.warn({ err: error }, 'the end of an asynchronous call cannot be noted yet: tried again')
        await sleep(RETRY_MS)
      }
    }
  }

  const ask = async (call: ClaimedCall, signal: AbortSignal): Promise<InvocationResult> => {
    const retry = ['X-Retry', String(call.attempts), 'X-Retry-Max', String(policyOf(call.function).attempts)]
    try {
      return await invoke(call.function, {
        path: call.path,
        // A callback to be made later brings the id of the call it tells of.
        headers: ['X-Call-Id', call.callId, ...call.headers, ...retry],
        body: call.body,
        signal,
        keep: call.callbackUrl === undefined ? DETAIL_BYTES : MOST_ANSWER_BYTES,
      })
    } catch (error) {
      if (!signal.aborted) log.error({ alarm: 'gateway_fault', err: error }, 'an asynchronous call could not be made')
      const body = Buffer.from((error as Error).message)
      return { status: 500, headers: {}, body, via: 'platform', code: 'unexpected' }
    }
  }

  const conclude = async (call: ClaimedCall, result: InvocationResult, seconds: number): Promise<void> => {
    const policy = policyOf(call.function)
    const { attempts, forsaken } = call
    const verdict = judge(result, { attempts, policy, forsaken, random: Math.random(), now: Date.now() })
    const { state, httpStatus, letter } = verdict
    const news =
      state === 'queued' || httpStatus === undefined ? undefined : newsOf(call, result, { httpStatus, seconds })
    const isOwn = await noted(() =>
      state !== 'queued' && httpStatus !== undefined && (news || letter)
        ? endCallWithNews(database, { call, state, httpStatus, news, letter })
        : ends.add({ call, state, httpStatus, waitMs: verdict.waitMs }),
    )
    if (!isOwn) return
    const { function: name, callId } = call
    if (letter)
      log.error({ alarm: 'dead_letter', consumer: name, callId, ...letter }, `a call of ${name} failed for good`)
    onEnd(call, verdict)
  }

  const make = async (call: ClaimedCall): Promise<void> => {
    const same = [...held].find((one) => one.call.seq === call.seq && one.cut === undefined)
    if (same) {
      // This process slept over its lease, and took up what it is still at.
      same.call.claim = call.claim
      return same.over
    }
    const controller = new AbortController()
    let over: () => void = () => {}
    const done = new Promise<void>((resolve) => {
      over = resolve
    })
    const one: Held = { call, controller, over: done }
    held.add(one)
    try {
      const begun = performance.now()
      const result = await ask(call, controller.signal)
      // A call that a stop has cut short, before or within, is made again: nobody knows how far it came.
      const isCutShort = one.cut === 'stopped' || (stopping && result.via === 'platform')
      if (isCutShort) await noted(() => ends.add({ call, state: 'queued', httpStatus: undefined, waitMs: 0 }))
      else if (one.cut === undefined) await conclude(call, result, (performance.now() - begun) / 1000)
    } catch (error) {
      log.warn({ err: error }, 'the end of an asynchronous call was not noted: it is made again')
    } finally {
      held.delete(one)
      over()
    }
  }

  const renew = async (): Promise<void> => {
    const all = [...held]
    if (all.length === 0) return
    const own = await renewCalls(
      database,
      all.map(({ call }) => call),
    )
    for (const [at, one] of all.entries()) if (!own[at]) cut(one, 'gone')
  }
  const timer = setInterval(() => {
    renew().catch((error: Error) => log.warn({ err: error }, 'the leases of asynchronous calls cannot be renewed'))
  }, LEASE_MS / 3)

  const quiet = () => Promise.all([...held].map(({ over }) => over))

  return {
    make,
    abort: (seqs) => {
      for (const one of held) if (seqs.includes(one.call.seq)) cut(one, 'gone')
    },
    async stop(graceMs) {
      stopping = true
      const patience = new AbortController()
      await Promise.race([quiet(), sleep(graceMs, undefined, { signal: patience.signal }).catch(() => {})])
      patience.abort()
      clearInterval(timer)
      for (const one of held) cut(one, 'stopped')
      given = true
      await quiet()
    },
  }
}
