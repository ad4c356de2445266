import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { type Cancellation, CancelledError } from '../replicas/cancellation.ts'
import type { Lease } from '../replicas/lease.ts'
import type { ReplicaPools } from '../replicas/pools.ts'
import { fullName } from '../stack/key.ts'
import type { ResponseHeaders } from './headers.ts'
import { type HoldsOwnSecret, withoutOwnSecrets } from './own-secrets.ts'
import type { Problem } from './problem.ts'

/** A call on its way to a function. */
export interface Call {
  function: string
  method: string
  path: string
  headers: string[]
  holdsOwnSecret: HoldsOwnSecret
  /** Only a whole body can be sent twice. */
  body: Buffer | AsyncIterable<Buffer> | null
}

/** Takes the answer of a call: `fail` alone, or `head`, data, then `end` or `broken`. */
export interface Sink {
  /** A stream's head must reach the client before its first data. */
  head(status: number, headers: ResponseHeaders, stream: boolean): void
  /** False asks for a pause until `resume`, which is handed over here. */
  data(chunk: Buffer, resume: () => void): boolean
  end(): void
  /** The platform answers in the function's place. */
  fail(problem: Problem): void
  /** The function went away within its answer. */
  broken(): void
}

const MAX_ATTEMPTS = 5
const BACKLOG_PAUSE_MS = 20

/**
 * Sends a call to a replica, waking the function; it goes to another one only if no byte of it was accepted. While it waits
 * the function may be deployed anew: it then waits for the new one.
 */
export const forward = async (
  pools: Pick<ReplicaPools, 'get'>,
  call: Call,
  sink: Sink,
  cancellation: Cancellation,
): Promise<void> => {
  for (let attempt = 1; ; ) {
    if (cancellation.cancelled) return
    const pool = pools.get(call.function)
    if (!pool) return sink.fail(unknownFunction(call.function))
    let lease: Lease
    cancellation.routed = false
    try {
      lease = await pool.acquire(cancellation)
    } catch (error) {
      if ((error as Error).name === 'ReplacedError') continue
      return giveUp(error as Error, sink)
    }
    if (cancellation.cancelled) return lease.release(false)
    // A replica that ends unlinks its socket first: over a connection kept alive a call would meet its end.
    if (lease.gone()) {
      lease.lost()
      lease.release(false)
      if (attempt++ === MAX_ATTEMPTS) return sink.fail(unreachable(call.function))
      continue
    }
    cancellation.routed = true
    const headers = pool.foreign ? withoutOwnSecrets(call.headers, call.holdsOwnSecret) : call.headers
    const failure = await send(lease, { ...call, headers }, sink, cancellation)
    if (!failure) return
    const isWhole = call.body === null || Buffer.isBuffer(call.body)
    if (!isWhole || attempt++ === MAX_ATTEMPTS) return sink.fail(unreachable(call.function))
    // A full backlog of a living replica passes; any other refusal means its process is gone.
    if (failure.code === 'EAGAIN') await sleep(BACKLOG_PAUSE_MS)
  }
}

const giveUp = (error: Error, sink: Sink): void => {
  if (error.name === 'CancelledError') return
  if (error.name !== 'NoReplicaError' || !('refusal' in error)) throw error
  const refusal = error.refusal as Omit<Problem, 'code'>
  sink.fail({ ...refusal, code: refusal.status === 429 ? 'throttled' : 'no_replica' })
}

/** One attempt; resolves with the error when the replica took no byte, else with nothing once the sink is served. */
const send = (
  lease: Lease,
  call: Call,
  sink: Sink,
  cancellation: Cancellation,
): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined
    let begun = false
    const resume = () => controller?.resume()
    cancellation.onCancel = () => {
      if (controller) controller.abort(new CancelledError())
    }
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started
        if (cancellation.cancelled) started.abort(new CancelledError())
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) return
        begun = true
        const stream = isStream(headers)
        if (stream) lease.streaming()
        sink.head(status, headers as ResponseHeaders, stream)
      },
      onResponseData(started, chunk) {
        if (!sink.data(chunk, resume)) started.pause()
      },
      onResponseEnd() {
        lease.release(true)
        sink.end()
        resolve(undefined)
      },
      onResponseError(_controller, error: NodeJS.ErrnoException) {
        const refused = error.syscall === 'connect'
        if (refused && error.code !== 'EAGAIN') lease.lost()
        lease.release(false)
        if (refused && !begun) return resolve(error)
        if (begun) sink.broken()
        else if (!cancellation.cancelled)
          sink.fail(error.code === 'UND_ERR_HEADERS_TIMEOUT' ? late(call) : crashed(call.function))
        resolve(undefined)
      },
    }
    const { method, path, headers, body } = call
    lease.client.dispatch(
      { method: method as Dispatcher.HttpMethod, path, headers, body: body as Buffer | null },
      handler,
    )
  })

/** Server-sent events and NDJSON without an end in sight. */
const isStream = (headers: Record<string, unknown>): boolean => {
  const type = headers['content-type']
  if (typeof type !== 'string' || headers['content-length'] !== undefined) return false
  return type.startsWith('text/event-stream') || type.startsWith('application/x-ndjson')
}

/** Nothing of that name is deployed. */
export const unknownFunction = (key: string): Problem => ({
  status: 404,
  title: 'Unknown function',
  detail: `error finding function ${fullName(key)}: it is neither in stack.yml nor deployed`,
  code: 'not_found',
})

/** No replica took a byte of the call, so it is none that its call has crashed. */
const unreachable = (name: string): Problem => ({
  status: 502,
  title: 'Function unreachable',
  detail: `no replica of ${name} took a connection: its log says why`,
  code: 'no_replica',
  retryable: true,
})

const crashed = (name: string): Problem => ({
  status: 502,
  title: 'Function gone',
  detail: `${name} went away before it answered`,
  code: 'crashed',
  retryable: true,
})

const late = ({ function: name }: Call): Problem => ({
  status: 504,
  title: 'No answer in time',
  detail: `${name} gave no answer in time`,
  code: 'deadline',
  retryable: true,
})
