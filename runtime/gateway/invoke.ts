import type { Cancellation } from '../replicas/cancellation.ts'
import { cancel } from '../replicas/cancellation.ts'
import type { ReplicaPools } from '../replicas/pools.ts'
import { forward, type Sink } from './forward.ts'
import { markCall, newTraceparent, type ResponseHeaders } from './headers.ts'
import type { Metrics } from './metrics.ts'
import { type Problem, problemBody, problemHeaders } from './problem.ts'

/** A call of a function from within the runtime. */
interface Invocation {
  headers: Record<string, string>
  body: Buffer
  signal?: AbortSignal
}

/** Its answer; `via: 'platform'` = no function made it. */
interface InvocationResult {
  status: number
  headers: ResponseHeaders
  body: Buffer
  via: 'function' | 'platform'
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
  (pools: ReplicaPools, metrics: Metrics): Invoke =>
  (name, { headers, body, signal }) => {
    const marks = markCall(headers['x-call-id'] ?? headers['X-Call-Id'])
    const pool = pools.get(name)
    const fail = (problem: Problem): InvocationResult => ({
      status: problem.status,
      headers: problemHeaders(problem),
      body: Buffer.from(problemBody(problem, marks.callId)),
      via: 'platform',
    })
    if (!pool) return Promise.resolve(fail(unknownFunction(name)))
    signal?.throwIfAborted()
    const flat = ['x-call-id', marks.callId, 'x-start-time', marks.startTime]
    for (const key in headers) if (key.toLowerCase() !== 'x-call-id') flat.push(key, headers[key] as string)
    if (!headers.traceparent) flat.push('traceparent', newTraceparent())

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
      let answer = { status: 0, headers: {} as ResponseHeaders }
      const sink: Sink = {
        head: (status, answered) => {
          answer = { status, headers: answered }
        },
        data: (chunk) => chunks.push(chunk) > 0,
        end: () => finish({ ...answer, body: Buffer.concat(chunks), via: 'function' }),
        fail: (problem) => finish(fail(problem)),
        broken: () => finish(fail(brokenAnswer(name))),
      }
      const call = { function: name, method: 'POST', path: '/', headers: flat, body }
      forward(pool, call, sink, cancellation).catch(reject)
    })
  }

/** No function of that name stands in stack.yml. */
export const unknownFunction = (name: string): Problem => ({
  status: 404,
  title: 'Unknown function',
  detail: `error finding function ${name}.openfaas-fn: it is not in stack.yml`,
  code: 'not_found',
})

const brokenAnswer = (name: string): Problem => ({
  status: 502,
  title: 'Answer cut off',
  detail: `${name} went away within its answer`,
  code: 'crashed',
  retryable: true,
})
