import type { IncomingMessage, ServerResponse } from 'node:http'
import { PROBLEM_JSON, type Problem, problem } from '#shared/contracts/problem.ts'
import { linger } from './linger.ts'

/** Answers with a JSON body. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  send(response, status, JSON.stringify(body), { 'Content-Type': 'application/json', ...headers })
}

/** Answers with problem+json; instance and trace come from the request. */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  more: Partial<Problem> & { scope?: string } = {},
  headers: Record<string, string> = {},
): void {
  const traceId = String(request.headers.traceparent ?? '').split('-')[1]
  const callId = request.headers['x-call-id']
  const body = problem(status, code, {
    ...(typeof callId === 'string' ? { instance: callId.slice(0, 64) } : {}),
    ...(traceId ? { traceId } : {}),
    ...more,
  })
  const cut = status === 413 && !request.complete
  const end = (text: string) => {
    response.write(text)
    linger(request, () => response.end())
  }
  // The rest of a body that is not read could be taken for the next request.
  const all = { 'Content-Type': PROBLEM_JSON, ...(cut ? { Connection: 'close' } : {}), ...headers }
  send(response, status, JSON.stringify(body), all, cut ? end : undefined)
}

/** Answers unless somebody already did. */
function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string>,
  end: (text: string) => void = (text) => response.end(text),
): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'Content-Length': String(Buffer.byteLength(body)), ...headers })
  end(body)
}

/** Marks an answer that the function's own code had no part in: OpenFaaS's queue-worker tries such a call again. */
export const BY_PLATFORM = { 'X-OpenFaaS-Internal': 'faas-middleware' }

/** `Retry-After` in whole seconds, at least one. */
export const retryAfter = (ms = 1000): Record<string, string> => ({
  'Retry-After': String(Math.max(1, Math.ceil(ms / 1000))),
})
