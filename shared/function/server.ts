import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { lastAnswer } from '../last-answer.ts'
import type { Call, Calls } from './calls.ts'
import { bringsEvent } from './event.ts'
import type { FunctionMetrics } from './metrics.ts'
import { BY_PLATFORM, retryAfter, sendJson, sendProblem } from './reply.ts'
import { TimedResponse } from './timed-response.ts'
import { type Trace, traceparentOf } from './trace.ts'

/** Answers one call; it never throws. */
export type Answer = (request: IncomingMessage, response: ServerResponse, call: Call) => Promise<void>

/** What the server in front of a function is made of. */
export interface ServerParts {
  calls: Calls
  metrics: FunctionMetrics
  /** `POST /` of a function that takes events; if it answers HTTP calls, too, of those that bring one. */
  onEvent?: Answer | undefined
  /** Everything else. */
  onHttp?: Answer | undefined
  draining: AbortSignal
  trace: Trace
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const ALLOW = { Allow: METHODS.join(', ') }
const MAX_HEADERS = 100

/** The HTTP server around a handler: health, readiness, metrics, the limits, and the two faces of a function. */
export function createFunctionServer(parts: ServerParts): Server {
  const server = createServer(
    {
      ServerResponse: TimedResponse,
      maxHeaderSize: 16 << 10,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 75_000,
    },
    // An answer that cannot be given ends its connection, never the process.
    (request, response) => {
      route(request, response, parts).catch(() => response.destroy())
    },
  )
  // Counted by hand: Node's own limit cuts headers off without a word.
  server.maxHeadersCount = 0
  server.on('connect', (_request, socket) => {
    lastAnswer(
      socket,
      `HTTP/1.1 405 Method Not Allowed\r\nAllow: ${ALLOW.Allow}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    )
  })
  return server
}

async function route(request: IncomingMessage, response: ServerResponse, parts: ServerParts): Promise<void> {
  if (parts.draining.aborted) response.shouldKeepAlive = false
  const path = request.url?.split('?', 1)[0] ?? '/'
  if (request.rawHeaders.length > 2 * MAX_HEADERS) {
    return sendProblem(request, response, 431, 'oversize', { detail: `more than ${MAX_HEADERS} headers` })
  }
  if (!METHODS.includes(request.method ?? '')) return sendProblem(request, response, 405, 'method', {}, ALLOW)
  const answerProbe = PROBES[path]
  if (answerProbe) return answerProbe(request, response, parts)
  if (path === '/metrics') return sendMetrics(response, parts.metrics)

  const isEvent = path === '/' && request.method === 'POST' && (!parts.onHttp || bringsEvent(request.headers))
  const answer = parts.onEvent && isEvent ? parts.onEvent : parts.onHttp
  if (!answer) return sendProblem(request, response, 404, 'not_found', { detail: 'this function answers POST / only' })
  const call = parts.calls.begin(request, response)
  if (!call)
    return sendProblem(
      request,
      response,
      429,
      'throttled',
      { detail: 'max_inflight is reached', scope: 'world' },
      { ...retryAfter(), ...BY_PLATFORM },
    )
  const traceparent = traceparentOf(request)
  if (traceparent === undefined) await answer(request, response, call)
  else await parts.trace.run(traceparent, answer, request, response, call)
}

type Probe = (request: IncomingMessage, response: ServerResponse, parts: ServerParts) => void

/** What platforms look at: the end is announced at once, a full house by readiness alone. */
const PROBES: Record<string, Probe> = {
  '/_/health': probing(({ draining }) => (draining.aborted ? [503, { status: 'draining' }] : [200, { status: 'ok' }])),
  '/_/ready': probing(({ draining, calls }) => {
    if (draining.aborted) return [503, { ready: false }]
    return calls.full() ? [429, { ready: false }] : [200, { ready: true }]
  }),
}

function probing(look: (parts: ServerParts) => [number, object]): Probe {
  return (request, response, parts) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return sendProblem(request, response, 405, 'method', {}, { Allow: 'GET, HEAD' })
    const [status, body] = look(parts)
    sendJson(response, status, body, status === 429 ? retryAfter() : {})
  }
}

async function sendMetrics(response: ServerResponse, { registry }: FunctionMetrics): Promise<void> {
  const text = await registry.metrics()
  response.writeHead(200, { 'Content-Type': registry.contentType }).end(text)
}
