import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { ingestApp } from '#functions/ingest/app.ts'
import { startGateway } from '#runtime/gateway/server.ts'
import type { ReplicaPool } from '#runtime/replicas/pool.ts'
import { trackCalls } from '#shared/function/calls.ts'
import type { OutputEvent } from '#shared/function/define.ts'
import { answerEventCall } from '#shared/function/event-call.ts'
import { httpCalls } from '#shared/function/http-call.ts'
import { functionMetrics } from '#shared/function/metrics.ts'
import { createFunctionServer, type ServerParts } from '#shared/function/server.ts'
import { openTrace } from '#shared/function/trace.ts'
import { effectFunction, toolsFor } from '../function/harness.ts'
import { noDeployments, noOperator, noRestApi } from '../gateway/fixture.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'

/** City time of the world. */
const NOW = '2026-03-01T08:00:01.000Z'
const DAY = 86_400_000

/** Real servers on real ports: `ingest`, an event function, and a gateway that notes which functions it looked for. */
export interface World {
  ingest: Server
  ports: { function: number; events: number; gateway: number }
  emitted: OutputEvent[]
  lookedFor: string[]
  test: TestDatabase
  close(): Promise<void>
}

const listen = async (parts: Pick<ServerParts, 'onHttp' | 'onEvent'>): Promise<Server> => {
  const metrics = functionMetrics('hostile', 'test')
  const calls = trackCalls({ execTimeoutMs: 10_000, maxInflight: 100, maxStreams: 10, streamMaxMs: 60_000 }, metrics)
  const draining = new AbortController().signal
  const server = createFunctionServer({ calls, metrics, draining, trace: openTrace(), ...parts })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

const closed = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })

/** Starts the world. */
export const openWorld = async (): Promise<World> => {
  const test = await freshDatabase()
  await test.database.query('create table effect (device text)')
  await test.database.query(
    `insert into position (consumer, log, topic, partition, next) values ('f', 'postgres', 'readings', 0, 0)`,
  )
  const emitted: OutputEvent[] = []
  const app = ingestApp(
    {
      emit: async (events) => void emitted.push(...events),
      now: async () => new Date(NOW),
      settings: {
        acceptPastMs: 30 * DAY,
        acceptFutureMs: 300_000,
        windowMs: 300_000,
        lateAfterMs: 900_000,
        silentAfterMs: 900_000,
      },
      caller: async () => ({ role: 'operator' }),
      counter: () => () => {},
    },
    () => {},
  )
  const ingest = await listen({ onHttp: httpCalls(app, pino({ level: 'silent' })) })

  const tools = {
    ...toolsFor(effectFunction('f'), test.database),
    auth: { mode: 'dev', eventAuth: 'key', connectorKey: 'c', invokeKey: 'i' } as const,
  }
  const events = await listen({
    onEvent: (request, response, call) => answerEventCall(request, response, call.signal, tools),
  })

  const lookedFor: string[] = []
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    deployments: noDeployments({
      open: () => {},
      replace: async () => ({ kind: 'superseded' }),
      remove: async () => {},
    }),
    pools: {
      // A pool that can do nothing: a request that gets as far as asking it for a replica fails the test.
      get: (name) => {
        lookedFor.push(name)
        return name === 'ingest' ? ({} as ReplicaPool) : undefined
      },
      ask: (name) => {
        lookedFor.push(name)
      },
    },
    connectorKey: 'c',
    auth: { mode: 'dev' },
    version: 'test',
    operator: noOperator,
    ...noRestApi,
    onError: (error) => {
      throw error
    },
    onLockout: () => {},
  })
  return {
    ingest,
    ports: { function: portOf(ingest), events: portOf(events), gateway: gateway.port },
    emitted,
    lookedFor,
    test,
    close: async () => {
      await Promise.all([closed(ingest), closed(events), gateway.close(0)])
      await test.drop()
    },
  }
}
