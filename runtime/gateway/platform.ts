import type { IncomingMessage, ServerResponse } from 'node:http'
import { DatabaseUnavailable } from '#shared/state/database.ts'
import type { OperatorDeadLetters } from '../operator/dead-letters.ts'
import type { OperatorRedeliver } from '../operator/redeliver.ts'
import { readBody } from './body.ts'
import { markCall } from './headers.ts'
import { sendMethodNotAllowed } from './http-call.ts'
import type { Metrics } from './metrics.ts'
import { type Problem, sendProblem } from './problem.ts'
import type { createSystem, SystemAnswer } from './system.ts'

/** What the runtime adds for its operator, beside OpenFaaS's API. */
export interface Operator {
  /** `GET /system/junction/status`. */
  status(): Promise<unknown>
  /** `POST /system/junction/resume/<function>`; false = it is no consumer. */
  resume(name: string): Promise<boolean>
  /** `POST /system/junction/redeliver`. */
  redeliver: OperatorRedeliver
  /** What is under `/system/junction/dead-letters`. */
  deadLetters: OperatorDeadLetters
}

interface Route {
  methods: string[]
  pattern: RegExp
  /** The path as metrics show it. */
  label: string
  answer(parameter: string, query: URLSearchParams, body: Buffer): SystemAnswer | Promise<SystemAnswer>
}

const unlessProblem = (json: object | { problem: Problem }): SystemAnswer =>
  'problem' in json ? { status: json.problem.status, problem: json.problem } : { status: 200, json }

/** Makes the handler of everything that is not a function: REST API, health, metrics. */
export const createPlatform = (system: ReturnType<typeof createSystem>, metrics: Metrics, operator: Operator) => {
  const read = ['GET', 'HEAD']
  const routes: Route[] = [
    { methods: read, pattern: /^\/$/, label: '/', answer: () => system.home() },
    {
      methods: read,
      pattern: /^\/system\/functions$/,
      label: '/system/functions',
      answer: (_, query) => system.list(query.get('namespace')),
    },
    {
      methods: read,
      pattern: /^\/system\/function\/([^/]+)$/,
      label: '/system/function',
      answer: (name) => system.describe(name),
    },
    {
      methods: ['POST'],
      pattern: /^\/system\/scale-function\/([^/]+)$/,
      label: '/system/scale-function',
      answer: (name, _, body) => system.scale(name, body),
    },
    { methods: read, pattern: /^\/system\/info$/, label: '/system/info', answer: () => system.info() },
    {
      methods: read,
      pattern: /^\/system\/junction\/status$/,
      label: '/system/junction/status',
      answer: async () => ({ status: 200, json: await operator.status() }),
    },
    {
      methods: ['POST'],
      pattern: /^\/system\/junction\/resume\/([^/]+)$/,
      label: '/system/junction/resume',
      answer: async (name) => ({ status: (await operator.resume(name)) ? 202 : 404 }),
    },
    {
      methods: ['POST'],
      pattern: /^\/system\/junction\/redeliver$/,
      label: '/system/junction/redeliver',
      answer: async (_name, _query, body) => unlessProblem(await operator.redeliver(body)),
    },
    {
      methods: read,
      pattern: /^\/system\/junction\/dead-letters$/,
      label: '/system/junction/dead-letters',
      answer: async (_, query) => unlessProblem(await operator.deadLetters.list(query)),
    },
    {
      methods: ['POST'],
      pattern: /^\/system\/junction\/dead-letters\/([^/]+)\/replay$/,
      label: '/system/junction/dead-letters/replay',
      answer: async (id) => unlessProblem(await operator.deadLetters.replay(id)),
    },
  ]

  const texts: Record<string, () => Promise<{ type: string; text: string }>> = {
    '/healthz': async () => ({ type: 'text/plain', text: 'OK' }),
    '/metrics': async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  }

  const handle = async (
    path: string,
    query: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const { callId } = markCall(request.headers['x-call-id'] as string | undefined)
    const method = request.method as string
    const text = Object.hasOwn(texts, path) ? texts[path] : undefined
    if (text) {
      if (!read.includes(method)) return sendMethodNotAllowed(response, read, callId)
      const { type, text: content } = await text()
      response.writeHead(200, { 'content-type': type }).end(content)
      return
    }
    const route = routes.find(({ pattern }) => pattern.test(path))
    if (!route) {
      return sendProblem(
        response,
        { status: 404, title: 'Not found', detail: `nothing is at ${path.slice(0, 64)}`, code: 'not_found' },
        callId,
      )
    }
    if (!route.methods.includes(method)) return sendMethodNotAllowed(response, route.methods, callId)
    const begun = performance.now()
    const body = await readBody(request)
    if ('stream' in body) {
      return sendProblem(
        response,
        { status: 413, title: 'Too large', detail: 'at most 1 MiB', code: 'oversize' },
        callId,
        { connection: 'close' },
      )
    }
    const parameter = route.pattern.exec(path)?.[1] ?? ''
    const answer = await answerOf(route, parameter, new URLSearchParams(query), body.whole ?? Buffer.alloc(0))
    if (answer.problem) sendProblem(response, answer.problem, callId)
    else {
      const content = answer.json === undefined ? '' : JSON.stringify(answer.json)
      const type = content ? { 'content-type': 'application/json' } : {}
      response.writeHead(answer.status, { ...type, ...answer.headers }).end(content)
    }
    metrics.platform(method, route.label, answer.status, (performance.now() - begun) / 1000)
  }
  const texted = Object.keys(texts).map((path) => ({ methods: read, path }))
  const parted = routes.map(({ methods, pattern }) => ({
    methods,
    path: pattern.source.slice(1, -1).replaceAll('\\/', '/').replaceAll('([^/]+)', '{name}'),
  }))
  return {
    handle,
    /** Everything there is, as OpenAPI writes paths: each has to be in somebody's list of who may call it. */
    routes: [...texted, ...parted],
  }
}

const answerOf = async (route: Route, ...parts: Parameters<Route['answer']>): Promise<SystemAnswer> => {
  try {
    return await route.answer(...parts)
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error
    const down = { status: 503, title: 'Service Unavailable', detail: error.message, code: 'unavailable' }
    return { status: 503, problem: { ...down, retryable: true, retryAfterSeconds: 1 } }
  }
}
