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

/** Thrown where a request is refused: the platform answers with its problem. */
export class Refused extends Error {
  override name = 'Refused'
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
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

/** Answers with a problem; an answer that has begun is broken off, so that nobody takes it for whole. */
export const sendProblem = (
  response: ServerResponse,
  problem: Problem,
  callId: string,
  headers: Record<string, string | string[]> = {},
): void => {
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy()
    return
  }
  response.writeHead(problem.status, { ...problemHeaders(problem), ...headers }).end(problemBody(problem, callId))
}
