import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseDuration } from '#shared/contracts/duration.ts'
import { DeadlineError } from './errors.ts'
import type { FunctionMetrics } from './metrics.ts'

/** What a function may have going on at once, and for how long. */
export interface CallLimits {
  execTimeoutMs: number
  maxInflight: number
  maxStreams: number
  streamMaxMs: number
}

/** One call from its head to the end of its answer. */
export interface Call {
  /** Aborted at the deadline, when the client goes away, and for a stream after STREAM_MAX; made when first asked for. */
  readonly signal: AbortSignal
  /** Whether the signal is aborted, or would be had anybody asked for it. */
  readonly aborted: boolean
  /** Called at the abort. */
  onAbort: (() => void) | undefined
  /** The answer is a stream from here on: no longer in flight, no deadline; false if there are too many. */
  becomeStream(): boolean
}

/** Counts the calls of one process. */
export interface Calls {
  /** Undefined when max_inflight is reached. */
  begin(request: IncomingMessage, response: ServerResponse): Call | undefined
  /** Whether max_inflight is reached. */
  full(): boolean
  /** Calls and streams not yet ended. */
  open(): number
}

/** Keeps the counts and deadlines of a process's calls. */
export function trackCalls(limits: CallLimits, metrics: FunctionMetrics): Calls {
  let inflight = 0
  let streams = 0

  const full = () => inflight >= limits.maxInflight
  return {
    full,
    open: () => inflight + streams,
    begin(request, response) {
      if (full()) return undefined
      inflight++
      metrics.inflight.set(inflight)
      const began = performance.now()
      const deadline = deadlineMs(request, limits.execTimeoutMs)
      let controller: AbortController | undefined
      let reason: Error | undefined
      let streaming = false
      const abort = (why: Error) => {
        reason ??= why
        controller?.abort(reason)
        call.onAbort?.()
      }
      let timer = setTimeout(() => abort(new DeadlineError(`no answer within ${deadline} ms`)), deadline)
      response.once('close', () => {
        clearTimeout(timer)
        if (streaming) metrics.streams.set(--streams)
        else metrics.inflight.set(--inflight)
        if (!response.writableFinished) abort(new Error('the client went away'))
        const code = String(response.statusCode)
        metrics.calls.inc({ code })
        if (!streaming) metrics.seconds.observe({ code }, (performance.now() - began) / 1000)
      })
      const call: Call = {
        onAbort: undefined,
        get aborted() {
          return reason !== undefined
        },
        get signal() {
          // A tenth of the processor time of a small call: most calls never ask.
          if (controller === undefined) {
            controller = new AbortController()
            if (reason !== undefined) controller.abort(reason)
          }
          return controller.signal
        },
        becomeStream() {
          if (streams >= limits.maxStreams) return false
          streaming = true
          metrics.inflight.set(--inflight)
          metrics.streams.set(++streams)
          clearTimeout(timer)
          timer = setTimeout(() => abort(new Error('STREAM_MAX is over')), limits.streamMaxMs)
          return true
        },
      }
      return call
    },
  }
}

/** exec_timeout, shortened by the caller's Junction-Deadline-Ms or X-Timeout (a Go duration), never lengthened. */
function deadlineMs({ headers }: IncomingMessage, execTimeoutMs: number): number {
  const asked = headers['junction-deadline-ms'] ?? durationMs(headers['x-timeout'])
  return Number(asked) > 0 ? Math.min(Number(asked), execTimeoutMs) : execTimeoutMs
}

// A duration nobody can read asks for nothing.
function durationMs(text: string | string[] | undefined): number | undefined {
  try {
    return typeof text === 'string' ? parseDuration(text) : undefined
  } catch {
    return undefined
  }
}
