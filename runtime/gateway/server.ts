import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CloseServer, serverCloser } from '#shared/close-server.ts'
import type { Runnable } from '../deployments/definition.ts'
import type { Deployments } from '../deployments/types.ts'
import type { ReplicaPools } from '../replicas/pools.ts'
import type { SecretStore } from '../secrets/store.ts'
import { keyOf } from '../stack/key.ts'
import { bodyReader } from './body.ts'
import { createGuard, type GatewayAuth } from './guard.ts'
import { markCall } from './headers.ts'
import { createHttpCalls } from './http-call.ts'
import { createInvoke, type Invoke } from './invoke.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Namespaces } from './namespaces.ts'
import { ownSecretsOf } from './own-secrets.ts'
import { createPlatform } from './platform.ts'
import { portHolder } from './port-holder.ts'
import { sendProblem } from './problem.ts'
import { refuseUnreadable } from './refuse.ts'
import { allRoutes } from './routes/all.ts'
import type { Later } from './routes/async.ts'
import type { Operator } from './routes/operator.ts'
import { readTarget } from './target.ts'

/** What the gateway serves and where. */
export interface GatewayOptions {
  host: string
  /** 0 = any free port. */
  port: number
  deployments: Deployments
  pools: Pick<ReplicaPools, 'get' | 'ask'>
  /** The token that lets `Junction-*` headers pass. */
  connectorKey: string
  /** Secrets that no program but Junction's own gets to see. */
  ownSecrets: string[]
  namespaces: Namespaces
  secrets: SecretStore
  /** The folder of the functions' logs. */
  logDir: string
  /** What deployments may name. */
  runnable(): Runnable
  auth: GatewayAuth
  version: string
  operator: Operator
  /** Where calls for later are left; without it there is no such place. */
  later?: Later
  /** Told of what must not happen: a bug of the gateway itself. */
  onError(error: Error): void
  /** Told once of each address that sent too many wrong tokens. */
  onLockout(client: string): void
}

export interface Gateway {
  url: string
  port: number
  /** Calls a function from within the runtime. */
  invoke: Invoke
  metrics: Metrics
  /** Takes no more connections; resolves when what is in flight has been answered, or cut off after `graceMs`. */
  close: CloseServer
}

/** The port is taken; the message names its holder. */
export class PortBusyError extends Error {
  override name = 'PortBusyError'
}

const MAX_HEADERS = 200

const newCallId = () => markCall(undefined).callId

/** Starts the gateway: OpenFaaS's REST API and the functions behind it. */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { host, deployments, pools, version } = options
  const metrics = createMetrics(() => deployments.list().map(keyOf), pools)
  const closing = new AbortController()
  const connectorKey = Buffer.from(options.connectorKey)
  const holdsOwnSecret = ownSecretsOf(options.ownSecrets)
  const { namespaces, secrets, logDir, runnable, operator } = options
  const readBody = bodyReader()
  const platform = createPlatform(
    allRoutes({
      ...{ deployments, pools, metrics, registry: metrics.registry, version },
      ...{ namespaces, secrets, logDir, runnable, operator },
      ...{ auth: options.auth, connectorKey, holdsOwnSecret, later: options.later },
    }),
    metrics,
    readBody,
    closing.signal,
  )
  const guard = createGuard(options.auth, options.onLockout)
  const servedBy = `junction/${version}`
  const call = createHttpCalls({ pools, metrics, connectorKey, holdsOwnSecret, readBody, servedBy })

  const handle = (request: IncomingMessage, response: ServerResponse): Promise<void> | void => {
    if (request.rawHeaders.length > MAX_HEADERS * 2) {
      return sendProblem(
        response,
        { status: 431, title: 'Too many headers', detail: `at most ${MAX_HEADERS}`, code: 'headers' },
        newCallId(),
        { connection: 'close' },
      )
    }
    const target = readTarget(request.url ?? '')
    if (target.kind !== 'refused') {
      const refusal = guard(target.kind, target.path, request)
      if (refusal) return sendProblem(response, refusal.problem, newCallId(), refusal.headers)
      if (target.kind === 'function') return call(target.key, target.path, request, response)
      return platform.handle(target.path, target.query, request, response)
    }
    const title = target.status === 400 ? 'Bad request target' : 'Unknown function'
    sendProblem(
      response,
      { status: target.status, title, detail: target.detail, code: target.status === 400 ? 'invalid' : 'not_found' },
      newCallId(),
    )
  }

  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // How often those two are looked at: the default of 30 s would make them 40 and 60.
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16 * 1024,
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      Promise.resolve(handle(request, response)).catch((error: Error) => {
        options.onError(error)
        sendProblem(
          response,
          { status: 500, title: 'Gateway error', detail: 'see the runtime log', code: 'unexpected' },
          newCallId(),
        )
      })
    },
  )
  server.maxHeadersCount = MAX_HEADERS + 1
  server.maxRequestsPerSocket = 10_000
  refuseUnreadable(server)
  const close = serverCloser(server)
  await listen(server, host, options.port)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${reachable(host)}:${port}`,
    port,
    invoke: createInvoke(pools, metrics, holdsOwnSecret),
    metrics,
    close: (graceMs) => {
      closing.abort()
      return close(graceMs)
    },
  }
}

/** The host of a URL that leads here from this machine. */
const reachable = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      const holder = await portHolder(port)
      reject(
        new PortBusyError(
          `port ${port} on ${host} is already used by ${holder ?? 'another process'}: stop it, or choose another one with --port`,
        ),
      )
    })
    server.listen({ host, port, backlog: 4096 }, resolve)
  })
