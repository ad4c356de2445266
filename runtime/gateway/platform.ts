import type { IncomingMessage, ServerResponse } from 'node:http'
import { DatabaseUnavailable } from '#shared/state/database.ts'
import { DeploymentRefused } from '../deployments/types.ts'
import { bodiesFull, type ReadBody } from './body.ts'
import { markCall } from './headers.ts'
import { sendMethodNotAllowed } from './http-call.ts'
import type { Metrics } from './metrics.ts'
import { type Problem, Refused, sendProblem } from './problem.ts'
import type { Answer, Asked, Route } from './routes/route.ts'

/** Makes the handler of everything that is not a function: REST API, health, metrics; `closing` ends what it streams. */
export const createPlatform = (routes: Route[], metrics: Metrics, readBody: ReadBody, closing: AbortSignal) => {
  const handle = async (
    path: string,
    query: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const { callId } = markCall(request.headers['x-call-id'] as string | undefined)
    const method = request.method as string
    const here = routes.filter(({ pattern }) => pattern.test(path))
    if (here.length === 0) {
      return sendProblem(
        response,
        { status: 404, title: 'Not found', detail: `nothing is at ${path.slice(0, 64)}`, code: 'not_found' },
        callId,
      )
    }
    const route = here.find(({ methods }) => methods.includes(method))
    if (!route) {
      return sendMethodNotAllowed(
        response,
        here.flatMap(({ methods }) => methods),
        callId,
      )
    }
    const begun = performance.now()
    const body = await Promise.resolve(readBody(request, response)).catch(() => undefined)
    // The client is gone.
    if (!body) return
    if (body === 'full') return sendProblem(response, bodiesFull, callId, { connection: 'close' })
    if ('stream' in body) {
      return sendProblem(
        response,
        { status: 413, title: 'Too large', detail: 'at most 1 MiB', code: 'oversize' },
        callId,
        { connection: 'close' },
      )
    }
    const asked: Asked = {
      ...{ method, path, callId, request, headers: request.headers, query: new URLSearchParams(query) },
      parameter: route.pattern.exec(path)?.[1] ?? '',
      body: body.whole ?? Buffer.alloc(0),
    }
    const answer = await answerOf(route, asked, response, closing)
    if (answer) send(answer, response, callId)
    if (route.label !== undefined)
      metrics.platform(method, route.label, response.statusCode, (performance.now() - begun) / 1000)
  }
  const all = new Map<string, string[]>()
  for (const { methods, pattern } of routes) {
    const path = pattern.source
      .slice(1, -1)
      .replaceAll('\\/', '/')
      .replaceAll('([^/]+)', '{name}')
      .replaceAll('.*', '{path}')
    all.set(path, [...(all.get(path) ?? []), ...methods])
  }
  return {
    handle,
    /** Everything there is, as OpenAPI writes paths: each has to be in somebody's list of who may call it. */
    routes: [...all].map(([path, methods]) => ({ path, methods })),
  }
}

const send = (answer: Answer, response: ServerResponse, callId: string): void => {
  if (answer.problem) {
    sendProblem(response, answer.problem, callId)
    return
  }
  const json = answer.json === undefined ? undefined : JSON.stringify(answer.json)
  const type = json === undefined ? {} : { 'content-type': 'application/json' }
  response.writeHead(answer.status, { ...type, ...answer.headers }).end(json ?? answer.text ?? '')
}

/** The answer of a route; nothing where it has written one itself. */
const answerOf = async (
  route: Route,
  asked: Asked,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<Answer | undefined> => {
  try {
    if ('answer' in route) return await route.answer(asked)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    await route.stream(asked, response, AbortSignal.any([gone.signal, closing]))
    return undefined
  } catch (error) {
    if (error instanceof Refused) return { status: error.problem.status, problem: error.problem }
    if (error instanceof DeploymentRefused) return { status: error.status, problem: problemOf(error) }
    if (!(error instanceof DatabaseUnavailable)) throw error
    const down = { status: 503, title: 'Service Unavailable', detail: error.message, code: 'unavailable' }
    return { status: 503, problem: { ...down, retryable: true, retryAfterSeconds: 1 } }
  }
}

const CODES = { 400: 'invalid', 404: 'not_found', 409: 'conflict', 503: 'unavailable' }

const problemOf = ({ status, message }: DeploymentRefused): Problem => ({
  ...{ status, title: 'Not deployed', detail: message, code: CODES[status] },
  ...(status === 503 ? { retryable: true, retryAfterSeconds: 1 } : {}),
})
