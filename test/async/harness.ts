import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { NewCall } from '#runtime/async/calls.ts'
import { type AsyncCalls, openAsyncCalls } from '#runtime/async/open.ts'
import type { Invocation, InvocationResult, Invoke } from '#runtime/gateway/invoke.ts'
import type { Database } from '#shared/state/database.ts'
import { type Fixture, type FixtureOptions, startFixture, until } from '../gateway/fixture.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'

/** A gateway with real functions and queues on a real PostgreSQL. */
export interface World {
  fixture: Fixture
  test: TestDatabase
  calls: AsyncCalls
  lines: Record<string, unknown>[]
  /** Leaves a call. */
  post(path: string, options?: { headers?: Record<string, string>; body?: string | Buffer }): Promise<Response>
  get(path: string): Promise<Response>
  /** What `GET /_local/invocations/{id}` tells. */
  status(id: string): Promise<Record<string, unknown>>
  stop(): Promise<void>
}

/** Queues on a database that call `invoke`. */
export const openQueues = (
  test: TestDatabase,
  invoke: Invoke,
  {
    holder = 'test',
    capacity = () => 10,
    annotationsOf = () => ({}),
    registry = new Registry(),
    lines = [],
    around = (database) => database,
  }: {
    holder?: string
    capacity?: (key: string) => number | undefined
    annotationsOf?: (key: string) => Record<string, string> | undefined
    registry?: Registry
    lines?: Record<string, unknown>[]
    /** Stands before the database. */
    around?: (database: Database) => Database
  } = {},
): AsyncCalls =>
  openAsyncCalls({
    ...{ database: around(test.open(4)), holder, invoke, capacity, annotationsOf, metrics: registry },
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  })

/** Opens a world; `annotations` go by the function's name. */
export const openWorld = async (
  options: FixtureOptions & { callbackHosts?: string[]; capacity?: (key: string) => number | undefined },
): Promise<World> => {
  const test = await freshDatabase()
  const lines: Record<string, unknown>[] = []
  let calls: AsyncCalls | undefined
  const fixture = await startFixture({
    ...options,
    later: { calls: () => calls, callbackHosts: options.callbackHosts ?? [] },
  })
  const { gateway, deployments } = fixture
  calls = openQueues(test, gateway.invoke, {
    ...(options.capacity && { capacity: options.capacity }),
    annotationsOf: (key) => deployments.get(key)?.annotations,
    registry: gateway.metrics.registry,
    lines,
  })
  const opened = calls
  return {
    ...{ fixture, test, calls: opened, lines },
    post: (path, { headers = {}, body = '' } = {}) =>
      fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: body as string }),
    get: (path) => fetch(`${gateway.url}${path}`),
    status: async (id) =>
      (await (await fetch(`${gateway.url}/_local/invocations/${id}`)).json()) as Record<string, unknown>,
    stop: async () => {
      await opened.stop(5_000)
      await fixture.stop()
      await test.drop()
    },
  }
}

/** Short waits, so that tests of retries end. */
export const quickRetries = (attempts: number): Record<string, string> => ({
  'com.openfaas.retry.attempts': String(attempts),
  'com.openfaas.retry.min_wait': '5ms',
  'com.openfaas.retry.max_wait': '20ms',
})

/** One request as a server saw it. */
export interface Seen {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Somebody to be called back: answers with the next of `statuses`, then with the last of them. */
export const startListener = async (statuses: number[] = [200]) => {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body: Buffer.concat(chunks) })
    response.writeHead(statuses[seen.length - 1] ?? (statuses.at(-1) as number)).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An answer of a function. */
export const answer = (status: number, headers: Record<string, string> = {}, body = ''): InvocationResult => ({
  ...{ status, headers, body: Buffer.from(body), via: 'function' },
})
/** What a function without a replica comes to. */
export const unreachable: InvocationResult = { ...answer(502), via: 'platform', code: 'no_replica' }
/** A call to leave. */
export const newCall = (more: Partial<NewCall> = {}): NewCall => ({
  ...{ callId: randomUUID(), function: 'f', path: '/p?q=1', headers: ['authorization', 'Bearer of-the-caller'] },
  ...{ body: Buffer.from([255, 0, 1]), callbackUrl: undefined },
  ...more,
})
/** Waits until a call stands so. */
export const is = (calls: AsyncCalls, id: string, status: string) =>
  until(`${id} is ${status}`, async () => (await calls.status(id))?.status === status)
/** Headers as a function sees them: of two of a name, the last. */
export const headersOf = ({ headers }: Invocation): Record<string, string> => {
  const flat = headers as string[]
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 ? [] : [[name.toLowerCase(), flat[at + 1] as string]])))
}
/** Resolves the calls it holds one by one. */
export const holding = () => {
  const held: { key: string; call: Invocation; end(result?: InvocationResult): void }[] = []
  const invoke: Invoke = (key, call) =>
    new Promise((resolve, reject) => {
      call.signal?.addEventListener('abort', () => reject(call.signal?.reason as Error))
      held.push({ key, call, end: (result = answer(200)) => resolve(result) })
    })
  return { held, invoke }
}
