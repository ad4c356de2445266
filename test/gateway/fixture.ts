import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeSocketDir } from '#runtime/embedded/socket-dir.ts'
import type { GatewayAuth } from '#runtime/gateway/guard.ts'
import type { Operator } from '#runtime/gateway/platform.ts'
import { startGateway } from '#runtime/gateway/server.ts'
import type { Limits } from '#runtime/replicas/machine.ts'
import { createReplicaPools } from '#runtime/replicas/pools.ts'
import type { StackFunction } from '#runtime/stack/types.ts'

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
}

/** An operator's side with nothing behind it. */
export const noOperator: Operator = {
  status: async () => ({}),
  resume: async () => false,
  redeliver: async () => ({ problem: { status: 422, title: 'Refused', detail: 'none', code: 'refused' } }),
  deadLetters: {
    list: async () => ({ total: 0, byReason: {}, deadLetters: [], next: null }),
    replay: async () => ({ problem: { status: 404, title: 'Not found', detail: 'none', code: 'not_found' } }),
  },
}

/** Starts a gateway with literal functions as real processes. */
export const startFixture = async (options: FixtureOptions) => {
  const root = mkdtempSync(join(tmpdir(), 'junction-gateway-test-'))
  const starts = join(root, 'starts')
  writeFileSync(starts, '')
  const functions: StackFunction[] = Object.entries(options.functions).map(([name, source]) => {
    const folder = join(root, 'dist', 'functions', name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'index.js'), source)
    return {
      ...{ name, image: `${name}:latest`, handler: `./functions/${name}`, environment: {}, secrets: [], labels: {} },
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
  const pools = createReplicaPools({
    functions,
    distDir: join(root, 'dist'),
    env: () => ({ PATH: process.env.PATH ?? '', STARTS: starts, ...options.env }),
    socketDir,
    logDir: join(root, 'logs'),
    idleMs: options.idleMs ?? 60_000,
    execTimeoutMs: () => options.execTimeoutMs ?? 10_000,
    limits: options.limits ?? {},
    onChange: (message) => void changes.push(message),
  })
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: options.port ?? 0,
    functions,
    pools,
    connectorKey: CONNECTOR_KEY,
    auth: options.auth ?? { mode: 'dev' },
    version: '1.2.3',
    createdAt: new Date('2012-03-01T08:00:00Z'),
    operator: { ...noOperator, ...options.operator },
    onError: (error) => void errors.push(error),
    onLockout: (client) => void lockouts.push(client),
  })
  return {
    ...{ gateway, pools, socketDir, changes, errors, lockouts, root },
    starts: () => readFileSync(starts, 'utf8').split('\n').filter(Boolean).map(Number),
    log: (name: string) => readFileSync(join(root, 'logs', `${name}.log`), 'utf8'),
    stop: async () => {
      await gateway.close(1_000)
      await pools.stop()
      rmSync(root, { recursive: true, force: true })
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
