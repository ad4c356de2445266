import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDeployments, openDeployed } from '#runtime/deployments/deployments.ts'
import { makeSocketDir } from '#runtime/embedded/socket-dir.ts'
import type { GatewayAuth } from '#runtime/gateway/guard.ts'
import { openNamespaces } from '#runtime/gateway/namespaces.ts'
import type { Later } from '#runtime/gateway/routes/async.ts'
import type { Operator } from '#runtime/gateway/routes/operator.ts'
import { startGateway } from '#runtime/gateway/server.ts'
import { readLine } from '#runtime/logs/line.ts'
import type { Limits } from '#runtime/replicas/machine.ts'
import { createReplicaPools, type ReplicaPools } from '#runtime/replicas/pools.ts'
import { openSecretStore } from '#runtime/secrets/store.ts'
import { openSecretViews } from '#runtime/secrets/view.ts'
import { NAMESPACE } from '#runtime/stack/key.ts'
import type { StackFunction } from '#runtime/stack/types.ts'
import { programEnvironmentOf } from '#runtime/up/program-settings.ts'

/** A server that speaks the process contract; `handle` is what it does with (request, response). */
export const functionSource = (handle: string): string => `
const http = require('node:http')
const fs = require('node:fs')
if (process.env.STARTS) fs.appendFileSync(process.env.STARTS, process.pid + '\\n')
const handle = ${handle}
const server = http.createServer((request, response) => {
  if (request.url === '/_/ready') return response.end('ok')
  handle(request, response)
})
server.keepAliveTimeout = 0
server.listen({ path: process.env.PORT, backlog: 4096 })
process.on('disconnect', () => process.exit())
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  setInterval(() => server.closeIdleConnections(), 10)
})
`

/** A program that does nothing before that file is in the fixture's `root`. */
export const onceThereIs = (name: string, source: string): string => `
const { existsSync } = require('node:fs')
const { dirname, join } = require('node:path')
const file = join(dirname(process.env.STARTS), ${JSON.stringify(name)})
while (!existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
${source}`

export const CONNECTOR_KEY = 'key-of-the-connector'

/** What a test's gateway is made of. */
export interface FixtureOptions {
  /** Name → source of the function. */
  functions: Record<string, string>
  definition?: Partial<StackFunction>
  /** Name → annotations of the function. */
  annotations?: Record<string, Record<string, string>>
  /** Environment of the functions. */
  env?: Record<string, string>
  port?: number
  limits?: Partial<Limits>
  idleMs?: number
  execTimeoutMs?: number
  operator?: Partial<Operator>
  auth?: GatewayAuth
  later?: Later
  /** Asynchronous calls that wait for a function. */
  queueDepth?: (key: string) => number | undefined
  /** Folders of built functions, as in `test/functions/slow`, to be deployed beside the literal ones. */
  built?: string[]
  /** Puts others in the place of the real pools. */
  pools?: (real: ReplicaPools) => ReplicaPools
}

/** An operator's side with nothing behind it. */
export const noOperator: Operator = {
  status: async () => ({}),
  resume: async () => false,
  rollback: async () => ({ from: 2, to: 1, image: 'none' }),
  redeliver: async () => ({ problem: { status: 422, title: 'Refused', detail: 'none', code: 'refused' } }),
  deadLetters: {
    list: async () => ({ total: 0, byReason: {}, deadLetters: [], next: null }),
    replay: async () => ({ problem: { status: 404, title: 'Not found', detail: 'none', code: 'not_found' } }),
  },
}

/** A REST API that keeps nothing. */
export const noRestApi = {
  ownSecrets: [],
  namespaces: { list: () => [], get: () => undefined, put: async () => {}, remove: async () => {} },
  secrets: openSecretStore(join(tmpdir(), 'no-such-folder')),
  logDir: '',
  runnable: () => ({ folders: [], path: '' }),
}

/** A live set without any function. */
export const noDeployments = (pools: Pick<ReplicaPools, 'open' | 'replace' | 'remove'>) =>
  createDeployments({
    deployed: { file: '', stack: new Map(), entries: new Map(), definitions: [] },
    ...{ pools, check: () => {}, onError: () => {} },
  })

/** Starts a gateway with literal functions as real processes. */
export const startFixture = async (options: FixtureOptions) => {
  const root = mkdtempSync(join(tmpdir(), 'junction-gateway-test-'))
  const starts = join(root, 'starts')
  writeFileSync(starts, '')
  const { built = [] } = options
  const functions: StackFunction[] = Object.entries(options.functions).map(([name, source]) => {
    const folder = join(root, 'dist', 'functions', name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'index.js'), source)
    return {
      ...{ name, namespace: NAMESPACE, image: `${name}:latest`, environment: {}, secrets: [], labels: {} },
      program: { kind: 'built', folder: `./functions/${name}` },
      ...{ annotations: {}, constraints: [], limits: undefined, requests: undefined, readOnlyRootFilesystem: false },
      ...{ envProcess: undefined, scale: { min: 0, max: 1 } },
      wiring: { topics: [], foreignTopic: undefined, schedule: undefined, batch: 1, lingerMs: 0, from: 'earliest' },
      ...options.definition,
      ...(options.annotations?.[name] && { annotations: options.annotations[name] }),
    }
  })
  const changes: string[] = []
  const errors: Error[] = []
  const lockouts: string[] = []
  const socketDir = makeSocketDir('function-name-of-test-1000')
  const api = {
    namespaces: await openNamespaces(join(root, 'namespaces.json')),
    secrets: openSecretStore(join(root, 'secrets')),
    logDir: join(root, 'logs'),
    runnable: () => ({
      folders: [...Object.keys(options.functions).map((name) => `./functions/${name}`), ...built],
      path: process.env.PATH ?? '',
    }),
  }
  const programs = {
    ...{ environment: process.env, execTimeoutMs: options.execTimeoutMs ?? 10_000 },
    secrets: openSecretViews(join(root, 'views'), api.secrets),
  }
  // Built once for all tests.
  for (const folder of ['runtime', ...built]) {
    mkdirSync(dirname(join(root, 'dist', folder)), { recursive: true })
    symlinkSync(resolve('dist', folder), join(root, 'dist', folder))
  }
  const real = createReplicaPools({
    distDir: join(root, 'dist'),
    env: (definition) => ({
      ...(definition.program.kind === 'process'
        ? programEnvironmentOf(definition, definition.program.command, programs)
        : { PATH: process.env.PATH ?? '', STARTS: starts }),
      ...options.env,
    }),
    socketDir,
    logDir: join(root, 'logs'),
    idleMs: options.idleMs ?? 60_000,
    execTimeoutMs: () => options.execTimeoutMs ?? 10_000,
    limits: options.limits ?? {},
    ...(options.queueDepth && { queueDepth: options.queueDepth }),
    onChange: (message) => void changes.push(message),
  })
  const pools = options.pools?.(real) ?? real
  const createdAt = new Date('2012-03-01T08:00:00Z')
  const deployments = createDeployments({
    ...{ deployed: await openDeployed(join(root, 'deployments.json'), functions, createdAt), pools },
    check: () => {},
    onError: (error) => void errors.push(error),
  })
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: options.port ?? 0,
    deployments,
    pools,
    connectorKey: CONNECTOR_KEY,
    ownSecrets: [CONNECTOR_KEY, ...(options.auth?.mode === 'keys' ? [options.auth.operatorToken] : [])],
    ...api,
    auth: options.auth ?? { mode: 'dev' },
    version: '1.2.3',
    operator: { ...noOperator, ...options.operator },
    ...(options.later && { later: options.later }),
    onError: (error) => void errors.push(error),
    onLockout: (client) => void lockouts.push(client),
  })
  return {
    ...{ gateway, deployments, ...api, pools, socketDir, changes, errors, lockouts, root },
    /** Makes a file in `root`, for what waits for it. */
    write: (name: string) => writeFileSync(join(root, name), ''),
    starts: () => readFileSync(starts, 'utf8').split('\n').filter(Boolean).map(Number),
    /** What a function wrote, without the marks. */
    log: (name: string) => {
      const lines = readFileSync(join(root, 'logs', `${name}.log`), 'utf8').split('\n')
      return lines.map((line) => readLine(line).text).join('\n')
    },
    stop: async () => {
      await gateway.close(1_000)
      await deployments.stop()
      await pools.stop()
      await deployments.settled()
      rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>

/** Waits for a condition, at most 30 s. */
export const until = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 30_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not: ${what}`)
    await sleep(10)
  }
}
