import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { type Connector, startConnector } from '#runtime/connector/connector.ts'
import { functionSpec } from '#runtime/connector/spec.ts'
import { realTime } from '#runtime/connector/time.ts'
import type { Invoke, Time } from '#runtime/connector/types.ts'
import { createDeployments, openDeployed } from '#runtime/deployments/deployments.ts'
import { makeSocketDir } from '#runtime/embedded/socket-dir.ts'
import type { Gateway } from '#runtime/gateway/server.ts'
import { startGateway } from '#runtime/gateway/server.ts'
import type { Limits } from '#runtime/replicas/machine.ts'
import { createReplicaPools, type ReplicaPools } from '#runtime/replicas/pools.ts'
import { NAMESPACE } from '#runtime/stack/key.ts'
import type { StackFunction, Wiring } from '#runtime/stack/types.ts'
import { openLeases } from '#shared/bus/lease.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import type { Clock } from '#shared/clock.ts'
import { noOperator, noRestApi } from '#test/gateway/fixture.ts'
import type { Stage } from '../row.ts'
import { type Ground, KEYS } from './site.ts'

/** A built function as a town deploys it. */
export interface Deployed {
  name: string
  /** Folder under `dist`, as in `test/functions/unruly`. */
  folder: string
  topics?: Wiring['topics']
  batch?: number
  schedule?: Wiring['schedule']
  environment?: Record<string, string>
  /** As stack.yml has it: `64Mi`. */
  memory?: string
  /** At most so many replicas; 1 unless given. */
  replicas?: number
}

/** Gateway, replicas and connector of one process, as `junction up` wires them, on a site's PostgreSQL. */
export interface Town {
  url: string
  pools: ReplicaPools
  gateway: Gateway
  /** Lines of the connector's log. */
  lines: Record<string, unknown>[]
  /** One line for each start and end of a replica. */
  changes: string[]
  /** Starts a connector; several share the gateway and the database. */
  connect(options?: { time?: Time; clock?: Clock; invoke?: (real: Invoke) => Invoke }): Connector
}

/** How a town lives. */
export interface TownOptions {
  functions: Deployed[]
  limits?: Partial<Limits>
  idleMs?: number
  execTimeoutMs?: number
  /** For all functions. */
  environment?: Record<string, string>
  /** Another way to the site's PostgreSQL, through a proxy or with another user. */
  databaseUrl?: string
}

const EVENT_POOL = 2

/** Starts a town, to the end of the row; nothing is delivered before `connect`. */
export async function openTown(stage: Stage, site: Ground, options: TownOptions): Promise<Town> {
  const { databaseUrl = site.url, execTimeoutMs = 10_000 } = options
  const functions = options.functions.map(stackFunction)
  const changes: string[] = []
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const pools = createReplicaPools({
    distDir: 'dist',
    env: ({ name }) => ({
      ...{ PATH: process.env.PATH ?? '', FUNCTION_NAME: name, NODE_ENV: 'production', AUTH_MODE: 'dev' },
      ...{ DATABASE_URL: databaseUrl, DATABASE_POOL: String(EVENT_POOL), SECRETS_DIR: site.secrets },
      exec_timeout: `${execTimeoutMs}ms`,
      ...options.environment,
    }),
    socketDir: makeSocketDir('function-name-of-test-1000'),
    logDir: join(site.folder, 'logs'),
    idleMs: options.idleMs ?? 60_000,
    execTimeoutMs: () => execTimeoutMs,
    limits: options.limits ?? {},
    onChange: (message) => void changes.push(message),
  })
  const deployments = createDeployments({
    ...{ deployed: await openDeployed(join(site.folder, 'deployments.json'), functions), pools, check: () => {} },
    onError: (error) => log.error({ err: error }, 'a deployment could not be completed'),
  })
  const gateway = await startGateway({
    ...{ host: '127.0.0.1', port: 0, deployments, pools, connectorKey: KEYS.connector, auth: { mode: 'dev' } },
    ...{ version: 'test', operator: noOperator, ...noRestApi },
    onError: (error) => log.error({ err: error }, 'the gateway failed'),
    onLockout: () => {},
  })
  let connectors = 0
  stage.atEnd(async () => {
    await gateway.close(1_000)
    await pools.stop()
  })
  return {
    ...{ url: gateway.url, pools, gateway, lines, changes },
    connect({ time = realTime, clock = { now: async () => new Date() }, invoke = (real: Invoke) => real } = {}) {
      const database = site.open(6, 'connector')
      const leases = openLeases(database, { holder: `connector-${++connectors}` })
      const connector = startConnector({
        ...{ bus: postgresBus(database, leases), leases, database, clock, log, time, token: KEYS.connector },
        functions: functions.map((one) => functionSpec(one, execTimeoutMs)),
        invoke: invoke(gateway.invoke),
        metrics: new Registry(),
        maxInFlight: (name) => Math.max(1, pools.get(name)?.counts().ready ?? 0) * EVENT_POOL,
      })
      stage.atEnd(() => connector.stop())
      return connector
    },
  }
}

const stackFunction = (deployed: Deployed): StackFunction => ({
  ...{ name: deployed.name, namespace: NAMESPACE, image: `${deployed.name}:test` },
  program: { kind: 'built', folder: deployed.folder },
  ...{ environment: deployed.environment ?? {}, secrets: [], labels: {}, annotations: {}, constraints: [] },
  limits: deployed.memory === undefined ? undefined : { memory: deployed.memory },
  ...{ requests: undefined, readOnlyRootFilesystem: false, envProcess: undefined },
  scale: { min: 0, max: deployed.replicas ?? 1 },
  wiring: {
    topics: deployed.topics ?? [],
    foreignTopic: undefined,
    schedule: deployed.schedule,
    batch: deployed.batch ?? 100,
    lingerMs: 0,
    from: 'earliest',
  },
})
