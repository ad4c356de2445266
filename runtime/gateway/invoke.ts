import type { Cancellation } from '../replicas/cancellation.ts'
import { cancel } from '../replicas/cancellation.ts'
import type { ReplicaPools } from '../replicas/pools.ts'
import { forward, type Sink, unknownFunction } from './forward.ts'
import { markCall, newTraceparent, type ResponseHeaders } from './headers.ts'
import type { Metrics } from './metrics.ts'
import type { HoldsOwnSecret } from './own-secrets.ts'
import { type Problem, problemBody, problemHeaders } from './problem.ts'

/** A call of a function from within the runtime. */
export interface Invocation {
  /** POST unless given. */
  method?: string
  /** With its query; `/` unless given. */
  path?: string
  /** By name, or as a flat list of names and values where a name may come twice. */
  headers: Record<string, string> | string[]
  body: Buffer
  signal?: AbortSignal
  /** Bytes of the answer's body that are kept: the rest is read and dropped. All unless given. */
  keep?: number
}

/** Its answer; `via: 'platform'` = no function made it, and `code` is the problem's. */
export interface InvocationResult {
  status: number
  headers: ResponseHeaders
  body: Buffer
  via: 'function' | 'platform'
  code?: string
  /** The body was longer than what is kept. */
  cut?: boolean
}

export type Invoke = (name: string, invocation: Invocation) => Promise<InvocationResult>

/** The call was given up before any replica had it: no fault of the call's. */
class NeverRouted extends Error {
  override name = 'NeverRouted'
  code = 'NO_REPLICA' as const
  constructor(functionName: string, options: ErrorOptions) {
    super(`no replica of ${functionName} could take the call in time: its log says why it does not get ready`, options)
  }
}

/** The gateway's own call: the same routing, waking and counting as over HTTP, without a loopback hop. */
export const createInvoke =
  (pools: Pick<ReplicaPools, 'get'>, metrics: Metrics, holdsOwnSecret: HoldsOwnSecret): Invoke =>
  (name, { method = 'POST', path = '/', headers: given, body, signal, keep = Number.POSITIVE_INFINITY }) => {
    const { flat, callId, traced } = flatten(given)
    const marks = markCall(callId)
    const fail = (problem: Problem): InvocationResult => ({
      status: problem.status,
      headers: problemHeaders(problem),
      body: Buffer.from(problemBody(problem, marks.callId)),
      via: 'platform',
      code: problem.code,
    })
    if (!pools.get(name)) return Promise.resolve(fail(unknownFunction(name)))
    signal?.throwIfAborted()
    flat.push('x-call-id', marks.callId, 'x-start-time', marks.startTime)
    if (!traced) flat.push('traceparent', newTraceparent())

    return new Promise((resolve, reject) => {
      const cancellation: Cancellation = { cancelled: false, onCancel: undefined }
      const count = metrics.begin(name)
      const onAbort = () => {
        cancel(cancellation)
        count(499)
        reject(cancellation.routed ? (signal?.reason as Error) : new NeverRouted(name, { cause: signal?.reason }))
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const finish = (result: InvocationResult) => {
        signal?.removeEventListener('abort', onAbort)
        if (cancellation.cancelled) return
        count(result.status)
        resolve(result)
      }
      const chunks: Buffer[] = []
      let kept = 0
      let cut = false
      const take = (chunk: Buffer): void => {
        const room = keep - kept
        if (chunk.length > room) cut = true
        if (room <= 0) return
        chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
        kept += Math.min(chunk.length, room)
      }
      let answer = { status: 0, headers: {} as ResponseHeaders }
      const sink: Sink = {
        head: (status, answered) => {
          answer = { status, headers: answered }
        },
        data: (chunk) => {
          take(chunk)
          return true
        },
        end: () => finish({ ...answer, body: Buffer.concat(chunks), via: 'function', ...(cut && { cut }) }),
        fail: (problem) => finish(fail(problem)),
        broken: () => finish(fail(brokenAnswer(name))),
      }
      const call = { function: name, method, path, headers: flat, holdsOwnSecret, body }
      forward(pools, call, sink, cancellation).catch(reject)
    })
  }

/** The headers as they are sent, without those that the gateway gives anew. */
const flatten = (given: Record<string, string> | string[]) => {
  const pairs = Array.isArray(given) ? given : Object.entries(given).flat()
  const flat: string[] = []
  let callId: string | undefined
  let traced = false
  for (let i = 0; i < pairs.length; i += 2) {
    const [name, value] = [pairs[i] as string, pairs[i + 1] as string]
    const lower = name.toLowerCase()
    if (lower === 'x-call-id') callId = value
    else if (lower !== 'x-start-time') flat.push(name, value)
    traced ||= lower === 'traceparent'
  }
  return { flat, callId, traced }
}

const brokenAnswer = (name: string): Problem => ({
  status: 502,
  title: 'Answer cut off',
  detail: `${name} went away within its answer`,
  code: 'crashed',
  retryable: true,
})
