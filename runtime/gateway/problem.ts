import type { ServerResponse } from 'node:http'

/** An error answer made by the platform, RFC 9457. */
export interface Problem {
  status: number
  title: string
  detail: string
  code: string
  retryable?: boolean
  retryAfterSeconds?: number
}

/** The body of a problem; `instance` is the call's id. */
export const problemBody = ({ status, title, detail, code, retryable = false }: Problem, callId: string): string =>
  JSON.stringify({ type: 'about:blank', title, status, detail, instance: callId.slice(0, 64), code, retryable })

/** The headers of a problem: X-OpenFaaS-Internal says that no function made it. */
export const problemHeaders = (problem: Problem): Record<string, string> => ({
  'content-type': 'application/problem+json',
  'x-openfaas-internal': 'proxy',
  ...(problem.retryAfterSeconds === undefined ? {} : { 'retry-after': String(problem.retryAfterSeconds) }),
})

/** Answers with a problem, unless an answer has begun. */
export const sendProblem = (
  response: ServerResponse,
  problem: Problem,
  callId: string,
  headers: Record<string, string | string[]> = {},
): void => {
  if (response.headersSent) return
  response.writeHead(problem.status, { ...problemHeaders(problem), ...headers }).end(problemBody(problem, callId))
}
