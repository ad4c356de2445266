import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Cancellation, cancel } from '../replicas/cancellation.ts'
import type { ReplicaPools } from '../replicas/pools.ts'
import { bodiesFull, type ReadBody } from './body.ts'
import { type Call, forward, type Sink, unknownFunction } from './forward.ts'
import { markCall, requestHeaders, responseHeaders } from './headers.ts'
import type { Metrics } from './metrics.ts'
import type { HoldsOwnSecret } from './own-secrets.ts'
import { problemBody, problemHeaders, sendProblem } from './problem.ts'

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'OPTIONS', 'HEAD']

/** What the calls of functions over HTTP need. */
export interface HttpCalls {
  pools: Pick<ReplicaPools, 'get'>
  metrics: Metrics
  connectorKey: Buffer
  holdsOwnSecret: HoldsOwnSecret
  readBody: ReadBody
  servedBy: string
}

/** Makes the handler of `/function/<name>/…`. */
export const createHttpCalls =
  ({ pools, metrics, connectorKey, holdsOwnSecret, readBody, servedBy }: HttpCalls) =>
  async (name: string, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const marks = markCall(request.headers['x-call-id'] as string | undefined)
    if (!pools.get(name)) return sendProblem(response, unknownFunction(name), marks.callId)
    const method = request.method as string
    if (!METHODS.includes(method)) return sendMethodNotAllowed(response, METHODS, marks.callId)

    const cancellation: Cancellation = { cancelled: false, onCancel: undefined }
    const count = metrics.begin(name)
    response.on('close', () => {
      // Without this an upstream whose client is gone would stay paused, and its replica busy, for ever.
      if (!response.writableFinished) cancel(cancellation)
      count(response.headersSent ? response.statusCode : 499)
    })
    const body = await Promise.resolve(readBody(request, response)).catch(() => undefined)
    if (!body || cancellation.cancelled) return
    if (body === 'full') return sendProblem(response, bodiesFull, marks.callId, { connection: 'close' })
    const headers = requestHeaders(request, marks, connectorKey)
    const streamed = 'stream' in body
    if (streamed && body.length) headers.push('content-length', body.length)
    const sent = streamed ? body.stream : body.whole
    const call: Call = { function: name, method, path, headers, holdsOwnSecret, body: sent }
    const sink: Sink = {
      head: (status, answered, stream) => {
        body.release()
        const result = responseHeaders(answered, marks, servedBy)
        // An answer before the end of the body: the rest of it cannot be told from a next request.
        if (!request.complete) result.connection = 'close'
        response.writeHead(status, result)
        if (stream) response.flushHeaders()
      },
      data: (chunk, resume) => {
        if (response.write(chunk)) return true
        response.once('drain', resume)
        return false
      },
      end: () => response.end(),
      fail: (problem) => {
        const result = responseHeaders(problemHeaders(problem), marks, servedBy)
        if (!request.complete) result.connection = 'close'
        response.writeHead(problem.status, result).end(problemBody(problem, marks.callId))
      },
      broken: () => response.destroy(),
    }
    await forward(pools, call, sink, cancellation)
  }

/** 405 with the methods that would do. */
export const sendMethodNotAllowed = (response: ServerResponse, allowed: string[], callId: string): void =>
  sendProblem(
    response,
    { status: 405, title: 'Method not allowed', detail: `allowed: ${allowed.join(', ')}`, code: 'method' },
    callId,
    { allow: allowed.join(', ') },
  )
