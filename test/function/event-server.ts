import type { AddressInfo } from 'node:net'
import { trackCalls } from '#shared/function/calls.ts'
import type { FunctionDefinition } from '#shared/function/define.ts'
import { answerEventCall } from '#shared/function/event-call.ts'
import { functionMetrics } from '#shared/function/metrics.ts'
import { createFunctionServer } from '#shared/function/server.ts'
import { openTrace } from '#shared/function/trace.ts'
import type { Database } from '#shared/state/database.ts'
import { toolsFor } from './harness.ts'

/** The keys the server knows. */
export const KEYS = { connector: 'connector-secret', invoke: 'invoke-secret' }

/** An event function behind its real server. */
export interface EventServer {
  post(body: string, headers: Record<string, string>): Promise<{ status: number; body: string; headers: Headers }>
  close(): Promise<void>
}

/** Serves the event face of a definition on a port, with keys instead of dev mode. */
export async function serveEvents(definition: FunctionDefinition, database: Database): Promise<EventServer> {
  const { host, runUnit } = toolsFor(definition, database)
  const metrics = functionMetrics(definition.name, 'test')
  const limits = { execTimeoutMs: 60_000, maxInflight: 1000, maxStreams: 10, streamMaxMs: 60_000 }
  const auth = { mode: 'keys', eventAuth: 'key', connectorKey: KEYS.connector, invokeKey: KEYS.invoke } as const
  const server = createFunctionServer({
    calls: trackCalls(limits, metrics),
    metrics,
    draining: new AbortController().signal,
    trace: openTrace(),
    onEvent: (request, response, call) =>
      answerEventCall(request, response, call.signal, { definition, host, runUnit, auth }),
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    async post(body, headers) {
      const answer = await fetch(url, { method: 'POST', body, headers })
      return { status: answer.status, body: await answer.text(), headers: answer.headers }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
