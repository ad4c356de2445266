import { type ClientRequestArgs, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { bodyReader } from '#runtime/gateway/body.ts'
import { createPlatform } from '#runtime/gateway/platform.ts'
import { allRoutes } from '#runtime/gateway/routes/all.ts'
import { roleOfPath } from '#shared/function/access.ts'
import type { Caller } from '#shared/function/define.ts'
import { functionDefinitions, idleContext, routesOf } from '../functions.ts'
import { type Fixture, functionSource, startFixture } from '../gateway/fixture.ts'
import { INVOKE_KEY, type KeyedFunctions, OPERATOR_TOKEN, openKeyedFunctions } from './functions.ts'

type Role = Caller['role']

/**
 * Who may call what, of everything Junction brings: the least role of each path. What is missing here, or here and
 * nowhere else, fails.
 */
const LEAST: Record<string, Record<string, Role>> = {
  gateway: {
    '/': 'anonymous',
    '/healthz': 'anonymous',
    '/metrics': 'operator',
    '/system/functions': 'operator',
    '/system/function/{name}': 'operator',
    '/system/scale-function/{name}': 'operator',
    '/system/info': 'operator',
    '/system/logs': 'operator',
    '/system/namespace/': 'operator',
    '/system/namespace/{name}': 'operator',
    '/system/namespaces': 'operator',
    '/system/secrets': 'operator',
    '/system/alert': 'operator',
    '/async-function/{name}': 'operator',
    '/async-function/{name}/{path}': 'operator',
    '/_local/invocations/{name}': 'operator',
    '/system/junction/status': 'operator',
    '/system/junction/resume/{name}': 'operator',
    '/system/junction/rollback/{name}': 'operator',
    '/system/junction/redeliver': 'operator',
    '/system/junction/dead-letters': 'operator',
    '/system/junction/dead-letters/{name}/replay': 'operator',
  },
  ingest: { '/': 'device', '/openapi.json': 'anonymous' },
  'predict-traffic': { '/': 'device', '/openapi.json': 'anonymous' },
  city: {
    '/': 'anonymous',
    '/assets/{file}': 'anonymous',
    '/openapi.json': 'anonymous',
    '/api/settings': 'anonymous',
    '/api/events': 'anonymous',
    '/api/traffic-status': 'anonymous',
    '/api/traffic-status/{segment}': 'anonymous',
    '/api/traffic-status/{segment}/history': 'anonymous',
    '/api/traffic-status/{segment}/profile': 'anonymous',
    '/api/traffic-status/{segment}/devices': 'anonymous',
    '/api/traffic-status/{segment}/forecast': 'anonymous',
    '/api/traffic-forecasts': 'anonymous',
    '/api/forecast-accuracy': 'anonymous',
    '/api/operator/sensors': 'operator',
  },
}
/** What its function decides: the rest of that path is for operators. */
const LEFT_FOR_LATER = 'POST /async-function/'
const VERBS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const RANK: Record<Role, number> = { anonymous: 0, device: 1, operator: 2 }

const paths = (routes: string[]) => [...new Set(routes.map((route) => route.slice(route.indexOf(' ') + 1)))].sort()

/** Everything there is, by who serves it. */
const found: Record<string, string[]> = {
  gateway: createPlatform(allRoutes({} as never), {} as never, bodyReader(), new AbortController().signal)
    .routes.map(({ path }) => path)
    .sort(),
}
const definitions = await functionDefinitions()
const takingEvents = definitions.filter(({ onEvents, onAlarm, onSchedule }) => onEvents ?? onAlarm ?? onSchedule)
for (const { name, http, access = {} } of definitions) {
  if (!http || access === 'own') continue
  found[name] = paths(routesOf(http(idleContext)))
  // A function that came later is held to what it says itself.
  LEAST[name] ??= Object.fromEntries(found[name].map((path) => [path, roleOfPath(access)(path)]))
}

/** What is found but not in the table, or in the table but not found. */
const unlisted = (table: Record<string, Record<string, Role>>): string[] =>
  Object.keys({ ...found, ...table }).flatMap((server) => {
    const [there, listed] = [found[server] ?? [], Object.keys(table[server] ?? {})]
    const odd = [...there.filter((path) => !listed.includes(path)), ...listed.filter((path) => !there.includes(path))]
    return odd.map((path) => `${server} ${path}`)
  })

/** The status of an answer, which may have no end. */
const statusOf = (to: ClientRequestArgs, authorization: string | undefined, more: Record<string, string> = {}) =>
  new Promise<{ status: number; challenge: string | undefined }>((resolve, reject) => {
    const headers = { host: 'localhost', ...more, ...(authorization === undefined ? {} : { authorization }) }
    const call = request({ ...to, headers, agent: false }, (response) => {
      resolve({ status: response.statusCode ?? 0, challenge: response.headers['www-authenticate'] })
      response.destroy()
    })
    call.on('error', reject)
    call.end()
  })

let functions: KeyedFunctions
let gateway: Fixture
beforeAll(async () => {
  functions = await openKeyedFunctions(definitions.map(({ name }) => name))
  gateway = await startFixture({
    functions: { hello: functionSource(`(request, response) => { request.resume(); response.end('hello') }`) },
    auth: { mode: 'keys', operatorToken: OPERATOR_TOKEN, basicAuth: { user: 'admin', password: OPERATOR_TOKEN } },
  })
})
afterAll(async () => {
  await gateway.stop()
  await functions.close()
})

const targetOf = (server: string, path: string): ClientRequestArgs => ({
  path: path.replace(/\{\w+\}/g, 'x'),
  ...(server === 'gateway' ? { port: gateway.gateway.port } : { socketPath: functions.processOf(server).socketPath }),
})

describe('the table', () => {
  it('names every route there is, and no other', () => expect(unlisted(LEAST)).toEqual([]))

  it('is found wanting with a route left out, or one too many', () => {
    const { '/api/events': _, ...city } = LEAST.city as Record<string, Role>
    expect(unlisted({ ...LEAST, city })).toEqual(['city /api/events'])
    expect(unlisted({ ...LEAST, ingest: { ...LEAST.ingest, '/back-door': 'anonymous' } })).toEqual([
      'ingest /back-door',
    ])
  })
})

const routes = Object.entries(LEAST).flatMap(([server, table]) =>
  Object.entries(table).map(([path, least]) => [server, path, least] as const),
)

describe.each(routes)('%s %s', (server, path, least) => {
  it.each(VERBS)(`%s is for nobody below the ${least}`, async (method) => {
    const to = { ...targetOf(server, path), method }
    // The gateway knows its operator and nobody else, and locks this client out for wrong tokens.
    const roles: Role[] = server === 'gateway' ? ['anonymous', 'operator'] : ['anonymous', 'device', 'operator']
    const needed = `${method} ${path}`.startsWith(LEFT_FOR_LATER) ? 'anonymous' : least
    for (const role of roles) {
      const { status, challenge } = await statusOf(to, functions.authorizationOf(role))
      if (RANK[role] < RANK[needed]) expect([role, status]).toEqual([role, role === 'anonymous' ? 401 : 403])
      else expect([role, [401, 403].includes(status) || status >= 500]).toEqual([role, false])
      expect(challenge !== undefined).toBe(status === 401)
    }
  })

  it('is not opened by a token that is not known, was revoked, or stands in the query', async () => {
    if (server !== 'gateway') {
      for (const authorization of ['Bearer nobody', functions.revoked, `Bearer ${INVOKE_KEY}`])
        expect((await statusOf(targetOf(server, path), authorization)).status).toBe(401)
      // What a browser that knows a password for the gateway sends to the whole host.
      const { status } = await statusOf(targetOf(server, path), 'Basic eDp5')
      expect([status === 401, status === 403]).toEqual([least !== 'anonymous', false])
    }
    if (least === 'anonymous') return
    const to = targetOf(server, path)
    const tokens = `token=${OPERATOR_TOKEN}&access_token=${OPERATOR_TOKEN}&key=${functions.deviceKey}`
    expect((await statusOf({ ...to, path: `${to.path}?${tokens}` }, undefined)).status).toBe(401)
  })
})

describe('what is nowhere', () => {
  it.each([
    '/api/operator/',
    '/api/operator/nothing',
    '/nothing',
    '/API/traffic-status',
    '/assets',
    '/%6fpenapi.jso%6e/',
  ])('%s is for operators', async (path) => {
    for (const server of ['city', 'ingest', 'gateway']) {
      expect((await statusOf(targetOf(server, path), undefined)).status).toBe(401)
      expect((await statusOf(targetOf(server, path), `Bearer ${OPERATOR_TOKEN}`)).status).toBe(404)
    }
  })

  it.each([
    '/api/traffic-status/../operator/sensors',
    '/api/traffic-status/%2e%2e/operator/sensors',
    '//api/operator/',
  ])('%s leads to nothing that is for operators', async (path) => {
    const { status } = await statusOf({ socketPath: functions.processOf('city').socketPath, path }, undefined)
    expect([400, 401, 404]).toContain(status)
  })
})

/** What tells an event from a call of a function that takes both. */
const TICK = { 'ce-specversion': '1.0', 'ce-type': 'city.junction.schedule.v1' }

describe.each(takingEvents.map(({ name }) => name))('events for %s', (name) => {
  it('are brought by those who have a key of events, and by nobody else', async () => {
    const { socketPath } = functions.processOf(name)
    const status = async (authorization: string | undefined) =>
      (await statusOf({ socketPath, path: '/', method: 'POST' }, authorization, TICK)).status
    for (const role of ['anonymous', 'device', 'operator'] as const)
      expect(await status(functions.authorizationOf(role))).toBe(401)
    expect(await status('Bearer nobody')).toBe(401)
    expect(await status(`Bearer ${INVOKE_KEY}`)).not.toBe(401)
  })
})

describe('what the wrapper of each function answers', () => {
  it.each(['/metrics', '/_/health', '/_/ready', '/metrics?x'])(
    '%s is for operators behind the gateway',
    async (path) => {
      const to = { port: gateway.gateway.port, path: `/function/hello${path}` }
      expect((await statusOf(to, undefined)).status).toBe(401)
      expect((await statusOf(to, `Bearer ${OPERATOR_TOKEN}`)).status).toBe(200)
      expect((await statusOf({ ...to, path: '/function/hello/metrics/x' }, undefined)).status).toBe(200)
    },
  )
})
