import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Hono } from 'hono'
import type { Logger } from 'pino'
import { PROBLEM_JSON, problem } from '#shared/contracts/problem.ts'
import type { CheckAccess } from './access.ts'
import { readBody } from './body.ts'
import type { Call } from './calls.ts'
import { classify } from './classify.ts'
import { BY_PLATFORM } from './reply.ts'
import { publicMessage, sendFailure } from './reply-failure.ts'

/** Answers calls by a Hono app, which sees a request once its body is read whole, within its limit, of who may call. */
export function httpCalls(app: Hono, log: Logger, checkAccess: CheckAccess = undefined) {
  const calls = new WeakMap<IncomingMessage, Call>()
  const answerError = (error: Error, path: string) => {
    const failure = classify(error)
    if (failure.status >= 500) log.error({ err: error, path }, 'call failed')
    const code = failure.code === 'transient' && failure.scope === 'world' ? 503 : failure.status
    return problemResponse(code, failure.code, publicMessage(error), failure.retryAfterMs)
  }
  type Bindings = { incoming: IncomingMessage; outgoing: ServerResponse }
  const answer = async (request: Request, bindings: Bindings): Promise<Response> => {
    const { incoming, outgoing } = bindings
    if (checkAccess) {
      // The path as the router sees it: any other reading of it could let somebody through.
      const path = app.getPath(request)
      try {
        await checkAccess(path, incoming.headers.authorization)
      } catch (error) {
        return answerError(error as Error, path)
      }
    }
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD') {
      try {
        Object.assign(incoming, { rawBody: await readBody(incoming) })
      } catch (error) {
        sendFailure(incoming, outgoing, classify(error), publicMessage(error as Error))
        return RESPONSE_ALREADY_SENT
      }
    }
    return app.fetch(request, bindings)
  }
  app.onError((error, context) => answerError(error, context.req.path))
  app.notFound((context) => problemResponse(404, 'not_found', `there is nothing at ${context.req.path.slice(0, 64)}`))

  const listener = getRequestListener(
    async (request, env) => {
      const { incoming, outgoing } = env as Bindings
      const call = calls.get(incoming) as Call
      const bindings = {
        incoming,
        outgoing,
        get signal() {
          return call.signal
        },
      }
      const answered = await beforeDeadline(answer(request, bindings), call)
      const isStream = answered.headers.get('content-type')?.startsWith('text/event-stream') ?? false
      if (!isStream || call.becomeStream()) return answered
      await answered.body?.cancel()
      return byPlatform(429, 'throttled', 'too many open streams')
    },
    // Node's own Request and Response build streams for every body: a fifth of the processor time of a small POST.
    { overrideGlobalObjects: true },
  )

  return async (request: IncomingMessage, response: ServerResponse, call: Call): Promise<void> => {
    calls.set(request, call)
    await listener(request, response)
  }
}

function beforeDeadline(answer: Promise<Response>, call: Call): Promise<Response> {
  return new Promise((resolve, reject) => {
    const late = () => resolve(byPlatform(504, 'deadline', 'the call was not answered within its deadline'))
    answer.then(resolve, reject)
    if (call.aborted) late()
    else call.onAbort = late
  })
}

const byPlatform = (status: number, code: string, detail: string): Response =>
  problemResponse(status, code, detail, undefined, BY_PLATFORM)

function problemResponse(
  status: number,
  code: string,
  detail?: string,
  retryAfterMs?: number,
  more: Record<string, string> = {},
): Response {
  const headers: Record<string, string> = { 'Content-Type': PROBLEM_JSON, ...more }
  if (status === 429 || status === 503)
    headers['Retry-After'] = String(Math.max(1, Math.ceil((retryAfterMs ?? 1000) / 1000)))
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer realm="junction"'
  return new Response(JSON.stringify(problem(status, code, detail === undefined ? {} : { detail })), {
    status,
    headers,
  })
}
