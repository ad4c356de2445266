import { createServer } from 'node:http'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { request } from 'undici'
import { startConnector } from '#runtime/connector/connector.ts'
import { functionSpec } from '#runtime/connector/spec.ts'
import type { Invoke } from '#runtime/connector/types.ts'
import { projectRoot } from '#runtime/project.ts'
import { openRuntimeBus } from '#runtime/up/bus.ts'
import { eventCallsOf, execTimeoutOf } from '#runtime/up/function-settings.ts'
import { openStack } from '#runtime/up/stack-file.ts'
import { collectStops, printSteps } from '#runtime/up/steps.ts'
import { openLeases } from '#shared/bus/lease.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { readBusUrl } from '#shared/bus/url.ts'
import { readSecret } from '#shared/config.ts'
import { parseDuration } from '#shared/contracts/duration.ts'
import { openDatabase } from '#shared/state/database.ts'

/** What the connector's process is told, as JSON in its one argument. */
export interface ConnectorProgram {
  /** Of its status and readiness. */
  port: number
  stack: string
  databaseUrl: string
  busUrl: string
  gatewayUrl: string
  secrets: string
  execTimeout: string
  /** Its name among those that share the partitions. */
  holder: string
  /** After so long without a sign of it, others take its share. */
  leaseMs: number
}

// The connector as a process of its own, calling the functions through the gateway's HTTP.
const options = JSON.parse(process.argv[2] ?? '') as ConnectorProgram
const log = pino()
const functions = openStack(projectRoot(), options.stack, {})
const database = openDatabase({
  ...{ url: options.databaseUrl, max: 6, name: 'connector' },
  password: readSecret(options.secrets, 'database-password'),
})
const secret = (name: string) => readSecret(options.secrets, name)
const leases = openLeases(database, { holder: options.holder, expiryMs: options.leaseMs })
const say = (line: string) => log.info(line)
const stops = collectStops((name, error) => log.error({ err: error }, `${name} did not stop well`))
const url = options.busUrl
// The broker grants no session shorter than 6 s.
const settings = { sessionMs: Math.max(6_000, options.leaseMs) }
const bus = await openRuntimeBus({ url, database, leases, secret, log, settings, say, stops, step: printSteps(say) })
const relayed = readBusUrl(url).scheme === 'postgres' ? {} : { relayed: postgresBus(database, leases) }

const invoke: Invoke = async (name, { headers, body, signal }) => {
  const answer = await request(`${options.gatewayUrl}/function/${name}`, { method: 'POST', headers, body, signal })
  const platform = answer.headers['content-type'] === 'application/problem+json' && !answer.headers['x-function']
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: Buffer.from(await answer.body.arrayBuffer()),
    via: platform && answer.statusCode >= 502 ? 'platform' : 'function',
  }
}

const metrics = new Registry()
const connector = startConnector({
  bus,
  ...relayed,
  database,
  leases,
  clock: { now: async () => new Date() },
  functions: functions.map((one) => functionSpec(one, execTimeoutOf(one, parseDuration(options.execTimeout)))),
  invoke,
  token: readSecret(options.secrets, 'connector-key') ?? '',
  log,
  metrics,
  maxInFlight: (name) => {
    const definition = functions.find((one) => one.name === name)
    return definition ? definition.scale.max * eventCallsOf(definition) : 1
  },
})

const server = createServer(async (request, response) => {
  if (request.url === '/metrics') return void response.end(await metrics.metrics())
  const status = connector.status()
  response.statusCode = request.url === '/_/ready' && !status.ready ? 503 : 200
  response.end(JSON.stringify(status))
}).listen(options.port, '127.0.0.1')
process.on('SIGTERM', async () => {
  await connector.stop()
  server.close()
  await stops.run()
  await database.close()
  process.exit(0)
})
// Nothing is left behind by a run that was ended itself.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
