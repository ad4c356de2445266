import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Database } from '#shared/state/database.ts'
import type { Invoke } from '../gateway/invoke.ts'
import { Refused } from '../gateway/problem.ts'
import { createAttempts } from './attempts.ts'
import { createBatches } from './batches.ts'
import { callbackSender } from './callback-send.ts'
import { createCallbacks } from './callbacks.ts'
import { claimCalls, insertCalls, lookAtQueues, type NewCall, purgeCalls, takeBackCalls } from './calls.ts'
import { cancelCalls, findInvocation, type InvocationStatus } from './lookup.ts'
import { queueMetrics } from './metrics.ts'
import { policies } from './policies.ts'
import { createQueues } from './queues.ts'
import { sizeOfCall } from './size.ts'
import { createWake } from './wake.ts'

/** What the queues of calls need. */
export interface AsyncOptions {
  database: Database
  /** Who holds what it makes: whoever comes back under this name takes its calls up at once. */
  holder: string
  invoke: Invoke
  /** Calls that the replicas of a function take now; undefined where it is not deployed here. */
  capacity(key: string): number | undefined
  /** Undefined where no such function is there. */
  annotationsOf(key: string): Record<string, string> | undefined
  log: Logger
  metrics: Registry
}

/** Calls that are accepted now and made later, each function's in a queue of its own. */
export interface AsyncCalls {
  /** Resolves when the call is durable; throws `Refused`, or `DatabaseUnavailable`. */
  submit(call: NewCall): Promise<void>
  status(callId: string): Promise<InvocationStatus | undefined>
  /** Ends what is not finished under this id. */
  cancel(callId: string): Promise<'cancelled' | 'finished' | 'unknown'>
  /** Calls of a function that wait. */
  pending(key: string): number
  /** Begins nothing any more; what is in flight ends, or goes back to its queue after so long. */
  stop(graceMs: number): Promise<void>
}

const LOOK_MS = 1_000
const PURGE_MS = 60_000
const AFTER_FAULT_MS = 500
const MOST_PENDING = 10_000
const MOST_PENDING_BYTES = 256 << 20
const MOST_UNWRITTEN_BYTES = 16 << 20

/** Opens the queues and begins to work them off. */
export const openAsyncCalls = (options: AsyncOptions): AsyncCalls => {
  const { database, holder, invoke, log } = options
  const now = () => performance.now()
  const queues = createQueues(options.capacity, now)
  const wake = createWake()
  const metrics = queueMetrics(
    options.metrics,
    () => new Map([...queues.all()].map(({ key, pending }) => [key, pending])),
  )
  const inserts = createBatches(async (calls: NewCall[]) => {
    await insertCalls(database, calls)
    return calls
  }, sizeOfCall)
  let callbackDueAt = Number.POSITIVE_INFINITY
  const callbackIn = (ms: number) => {
    callbackDueAt = Math.min(callbackDueAt, now() + ms)
    wake.now()
  }
  const attempts = createAttempts({
    ...{ database, invoke, log, policyOf: policies(options.annotationsOf, log) },
    onEnd: ({ function: key, callbackUrl }, { state, waitMs, pauseMs }) => {
      const queue = queues.of(key)
      if (pauseMs !== undefined) queue.window.throttled(queue.inFlight, pauseMs)
      else queue.window.passed()
      if (state === 'queued') queue.dueAt = Math.min(queue.dueAt, now() + waitMs)
      else metrics.processed(key, state)
      if (state !== 'queued' && callbackUrl !== undefined) callbackIn(0)
    },
  })

  const submit = async (call: NewCall): Promise<void> => {
    const { pending, bytes } = queues.of(call.function)
    if (pending >= MOST_PENDING || bytes + sizeOfCall(call) > MOST_PENDING_BYTES) throw full(call.function)
    if (inserts.waitingBytes() > MOST_UNWRITTEN_BYTES) throw unavailable('calls come faster than PostgreSQL takes them')
    await inserts.add(call).catch(refuseWorld)
    const queue = queues.of(call.function)
    queue.pending++
    queue.bytes += sizeOfCall(call)
    queue.dueAt = now()
    metrics.submitted(call.function)
    wake.now()
  }
  const sender = callbackSender(invoke, (key, { path, headers, body }) =>
    options.annotationsOf(key) === undefined
      ? undefined
      : submit({ callId: randomUUID(), function: key, path, headers, body, callbackUrl: undefined }),
  )
  const callbacks = createCallbacks(database, sender, log, callbackIn)

  /** Since the newest claim began, which may bring them all the same. */
  const cancelled = new Set<string>()
  const claim = async (): Promise<void> => {
    const asks = queues.asks()
    if (asks.length === 0) return
    for (const { function: key } of asks) queues.of(key).dueAt = Number.POSITIVE_INFINITY
    cancelled.clear()
    const claimed = await claimCalls(database, holder, asks).catch((error) => {
      for (const { function: key } of asks) queues.of(key).dueAt = now()
      throw error
    })
    for (const { function: key, most } of asks)
      if (claimed.filter((call) => call.function === key).length === most) queues.of(key).dueAt = now()
    for (const call of claimed) {
      if (cancelled.has(call.seq)) continue
      const queue = queues.of(call.function)
      queue.inFlight++
      queue.pending = Math.max(0, queue.pending - 1)
      void attempts.make(call).then(() => {
        queue.inFlight--
        wake.now()
      })
    }
  }

  let stopped = false
  let tookBack = false
  let nextLook = 0
  let nextPurge = now() + PURGE_MS
  const round = async (): Promise<void> => {
    if (!tookBack) await takeBackCalls(database, holder)
    tookBack = true
    if (now() >= nextLook) {
      // Who asks for a callback from here on is not seen by the look.
      callbackDueAt = Number.POSITIVE_INFINITY
      const { queues: depths, callbackDueInMs = Number.POSITIVE_INFINITY } = await lookAtQueues(database)
      queues.looked(depths)
      callbackDueAt = Math.min(callbackDueAt, now() + callbackDueInMs)
      nextLook = now() + LOOK_MS
    }
    if (!stopped) await claim()
    if (callbackDueAt <= now()) {
      callbackDueAt = Number.POSITIVE_INFINITY
      if (await callbacks.run()) callbackDueAt = Math.min(callbackDueAt, now() + 50)
    }
    if (now() >= nextPurge) nextPurge = (await purgeCalls(database)) ? now() : now() + PURGE_MS
    if (stopped || queues.asks().length > 0) return
    await wake.sleep(Math.min(nextLook, queues.nextDue(), callbackDueAt, nextPurge) - now())
  }
  const loop = (async () => {
    let down = false
    while (!stopped) {
      try {
        await round()
        down = false
      } catch (error) {
        if (!down)
          log.error(
            { alarm: 'queues_paused', err: error },
            'the queues of asynchronous calls cannot be worked off: tried again',
          )
        down = true
        await sleep(AFTER_FAULT_MS)
      }
    }
  })()

  let ended: Promise<void> | undefined
  const end = async (graceMs: number): Promise<void> => {
    stopped = true
    wake.now()
    await loop
    const until = now() + graceMs
    await attempts.stop(graceMs)
    await callbacks.stop(Math.max(0, until - now()))
    await sender.close()
  }

  return {
    submit,
    status: (callId) => findInvocation(database, callId),
    async cancel(callId) {
      const seqs = await cancelCalls(database, callId)
      attempts.abort(seqs)
      for (const seq of seqs) cancelled.add(seq)
      if (seqs.length > 0) return 'cancelled'
      const found = await findInvocation(database, callId)
      return found === undefined ? 'unknown' : found.status === 'cancelled' ? 'cancelled' : 'finished'
    },
    pending: (key) => queues.of(key).pending,
    stop(graceMs) {
      ended ??= end(graceMs)
      return ended
    },
  }
}

/** PostgreSQL is there, but does not take anything now: too many connections, no room, stopping or starting. */
const refuseWorld = (error: unknown): never => {
  const { code, message } = error as { code?: string; message: string }
  throw /^(?:53|55|57|25006)/.test(code ?? '') ? unavailable(message) : error
}

const full = (key: string) =>
  new Refused({
    ...{ status: 429, title: 'Too many calls wait', code: 'throttled', retryable: true, retryAfterSeconds: 5 },
    detail: `the queue of ${key} is full: ${MOST_PENDING} calls or ${MOST_PENDING_BYTES >> 20} MiB wait`,
  })

const unavailable = (detail: string) =>
  new Refused({
    ...{ status: 503, title: 'Service Unavailable', code: 'unavailable', retryable: true, retryAfterSeconds: 1 },
    detail,
  })
