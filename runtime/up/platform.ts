import { join } from 'node:path'
import type { Logger } from 'pino'
import { openLeases } from '#shared/bus/lease.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { busName, readBusUrl } from '#shared/bus/url.ts'
import { type Clock, openClock } from '#shared/clock.ts'
import { type Environment, readSecret } from '#shared/config.ts'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { topics } from '#shared/contracts/topics.ts'
import type { Database } from '#shared/state/database.ts'
import type { Retention } from '#shared/state/retention.ts'
import type { AsyncCalls } from '../async/open.ts'
import { type Connector, startConnector } from '../connector/connector.ts'
import { RELAY } from '../connector/relay.ts'
import { functionSpec } from '../connector/spec.ts'
import { deadLetterMetrics } from '../dead-letters/watch.ts'
import { createDeployments, type Deployed } from '../deployments/deployments.ts'
import type { GatewayAuth } from '../gateway/guard.ts'
import { type Gateway, startGateway } from '../gateway/server.ts'
import { housekeeping } from '../housekeeping.ts'
import { operatorDeadLetters } from '../operator/dead-letters.ts'
import { rememberEnds } from '../operator/ends.ts'
import { functionStatus } from '../operator/functions.ts'
import { operatorRedeliver } from '../operator/redeliver.ts'
import { gatherStatus } from '../operator/status.ts'
import { createReplicaPools } from '../replicas/pools.ts'
import { ownSecrets } from '../secrets/secret-name.ts'
import { openSecretViews } from '../secrets/view.ts'
import { keyOf } from '../stack/key.ts'
import { openRuntimeBus, showBus } from './bus.ts'
import { checkDeployment } from './check-deployment.ts'
import type { FolderClock } from './city-clock.ts'
import type { DataFolder } from './data-folder.ts'
import type { FolderDatabase } from './database.ts'
import { followDeployments } from './follow-deployments.ts'
import { environmentOf, eventCallsOf, execTimeoutOf } from './function-settings.ts'
import { programEnvironmentOf } from './program-settings.ts'
import { openQueues } from './queues.ts'
import { openRestApi } from './rest-api.ts'
import type { Step, Stops } from './steps.ts'
import { type Reader, unfinished } from './unfinished.ts'

/** What the platform runs on. */
export interface PlatformOptions {
  host: string
  port: number
  root: string
  data: DataFolder
  postgres: FolderDatabase
  /** For the clock and the status. */
  database: Database
  folderClock: FolderClock
  deployed: Deployed
  /** The environment of the runtime. */
  environment: Record<string, string | undefined>
  /** Settings handed on to every function. */
  settings: Record<string, string>
  busUrl: string
  authMode: Environment['AUTH_MODE']
  callbackHosts: string[]
  execTimeoutMs: number
  /** What PostgreSQL was started with; undefined where somebody else runs it. */
  maxConnections: number | undefined
  retention: Retention
  /** City time at which schedules end, if they do. */
  lastTick?: Date
  socketDir: string
  version: string
  log: Logger
  step: Step
  stops: Stops
  say(line: string): void
}

/** What runs. */
export interface Platform {
  gateway: Gateway
  clock: Clock
  /** What is not worked off yet up to an instant of city time; undefined when all is. */
  unfinished(until: Date): Promise<string | undefined>
}

/** A function without calls for this long gives its memory back. */
const IDLE_MS = 60_000
const CLOSE_MS = 20_000
const CONNECTOR_POOL = 6

/** Starts replicas, gateway and connector; they drain together: nothing new comes in, what is in flight ends. */
export const startPlatform = async (options: PlatformOptions): Promise<Platform> => {
  const { data, postgres, database, folderClock, log, step, stops, say, version } = options
  const secret = (name: string) => readSecret(data.secrets, name)
  const connectorKey = secret('connector-key') ?? ''
  const distDir = join(options.root, 'dist')
  const { environment, execTimeoutMs } = options
  const restApi = await openRestApi(distDir, data, environment.PATH ?? '')
  const ownEnvironmentOf = environmentOf({
    settings: options.settings,
    databaseUrl: postgres.url,
    secrets: data.secrets,
    clock: folderClock.kind,
    version,
  })
  const programs = {
    environment,
    execTimeoutMs,
    secrets: openSecretViews(join(data.secrets, '.views'), restApi.secrets),
  }
  const pools = createReplicaPools({
    distDir,
    env: (definition) =>
      definition.program.kind === 'process'
        ? programEnvironmentOf(definition, definition.program.command, programs)
        : ownEnvironmentOf(definition),
    socketDir: options.socketDir,
    logDir: data.logs,
    idleMs: IDLE_MS,
    execTimeoutMs: (definition) => execTimeoutOf(definition, options.execTimeoutMs),
    queueDepth: (key) => queues?.pending(key),
    onChange: (message) => log.info(message),
  })
  stops.add('the functions', () => pools.stop())
  const deployments = createDeployments({
    ...{ deployed: options.deployed, pools },
    check: checkDeployment({ execTimeoutMs, maxConnections: options.maxConnections }),
    onError: (error) => log.error({ alarm: 'deployment_fault', err: error }, 'a deployment could not be completed'),
  })
  const clock = openClock(folderClock.kind, database)
  // One folder has one runtime: started anew, it has its share at once.
  const leases = openLeases(database, { holder: 'up' })
  const connectorPool = postgres.open(CONNECTOR_POOL, 'connector')
  const bus = await openRuntimeBus({
    url: options.busUrl,
    database: connectorPool,
    leases,
    log,
    secret,
    step,
    stops,
    say,
  })

  let connector: Connector | undefined
  let started: Gateway | undefined
  let queues: AsyncCalls | undefined
  const busInUse = busName(readBusUrl(options.busUrl))
  const startedAt = new Date()
  const ends = rememberEnds(bus, Object.keys(topics))
  const status = () =>
    gatherStatus({
      startedAt,
      clock: { kind: folderClock.kind, speed: folderClock.speed, now: clock.now },
      functions: () =>
        deployments.list().map((one) => functionStatus(keyOf(one), deployments, pools, started?.metrics)),
      connector: () => connector?.status() ?? { ready: false, consumers: [] },
      bus: busInUse,
      ends,
      sql: database,
    })
  const deadLetters = operatorDeadLetters({
    ...{ database, deployments },
    invokeKey: secret('invoke-key') ?? '',
    invoke: () => started?.invoke,
  })
  // Units of work append to PostgreSQL, whatever the bus.
  const relayed = readBusUrl(options.busUrl).scheme === 'postgres' ? undefined : postgresBus(connectorPool, leases)
  const redeliver = operatorRedeliver({ database, buses: [bus, ...(relayed ? [relayed] : [])] }, (moved) =>
    log.warn(moved, `positions of ${moved.consumer} in ${moved.topic} were set by an operator`),
  )
  const specs = () =>
    deployments
      .serving()
      .map((one) => functionSpec({ ...one, name: keyOf(one) }, execTimeoutOf(one, options.execTimeoutMs)))
  const keepInOrder = housekeeping({
    ...{ database, functions: specs, relays: relayed !== undefined, retention: options.retention, log },
  })
  // Before events can come: they belong into the partition of their day.
  await keepInOrder()
  const gateway = await step(
    'gateway',
    () =>
      startGateway({
        host: options.host,
        port: options.port,
        deployments,
        pools,
        connectorKey,
        ownSecrets: ownSecrets.map((name) => secret(name) ?? ''),
        ...restApi,
        auth: gatewayAuth(options.authMode, data),
        version,
        later: { calls: () => queues, callbackHosts: options.callbackHosts },
        operator: {
          status,
          resume: async (name) => connector?.resume(name) ?? false,
          rollback: deployments.rollback,
          redeliver,
          deadLetters,
        },
        onError: (error) => log.error({ alarm: 'gateway_fault', err: error }, 'the gateway failed'),
        onLockout: (client) => log.warn({ client }, 'too many wrong tokens of the operator: locked out for a minute'),
      }),
    () => deployments.list().map(keyOf).join(', '),
  )
  started = gateway
  const later = openQueues({ postgres, folder: data.path, deployments, pools, gateway, log })
  queues = later
  stops.add('the queues', () => later.stop(0))
  showBus(gateway.metrics.registry, busInUse)
  deadLetterMetrics(gateway.metrics.registry, database)
  connector = await step('connector', async () =>
    startConnector({
      bus,
      ...(relayed && { relayed }),
      database,
      leases,
      clock,
      functions: specs(),
      invoke: gateway.invoke,
      token: connectorKey,
      log,
      metrics: gateway.metrics.registry,
      maxInFlight: (name) => {
        const definition = deployments.get(name)
        const ready = pools.get(name)?.counts().ready ?? 0
        return Math.max(1, ready) * (definition ? eventCallsOf(definition) : 1)
      },
      housekeeping: keepInOrder,
      ...(options.lastTick && { lastTick: options.lastTick }),
    }),
  )
  const delivering = connector
  followDeployments(deployments, delivering, specs, log)
  stops.add('gateway and connector', async () => {
    // A stream ends when its replica drains: the gateway cannot be waited for before that.
    const closed = gateway.close(CLOSE_MS)
    await deployments.stop()
    await Promise.all([delivering.stop(), later.stop(CLOSE_MS)])
    await pools.stop()
    await deployments.settled()
    await closed
  })
  const own = () =>
    specs().map(({ name, foreignTopic, topics: read }): Reader => {
      return { consumer: name, topics: foreignTopic === undefined ? read : [foreignTopic], bus }
    })
  const relay = relayed && { consumer: RELAY, topics: Object.keys(topics), bus: relayed }
  const work = () => ({
    readers: relay ? [...own(), relay] : own(),
    status: () => delivering.status(),
    sql: database,
  })
  return { gateway, clock, unfinished: (until) => unfinished(work(), until) }
}

const gatewayAuth = (mode: Environment['AUTH_MODE'], { secrets }: DataFolder): GatewayAuth => {
  if (mode === 'dev') return { mode }
  const operatorToken = readSecret(secrets, 'operator-token')
  if (!operatorToken) throw new ConfigurationError(`the secret operator-token in ${secrets} is empty`)
  // An empty file names nobody: an empty password would let everybody in.
  const user = readSecret(secrets, 'basic-auth-user') || 'admin'
  const password = readSecret(secrets, 'basic-auth-password') || operatorToken
  return { mode, operatorToken, basicAuth: { user, password } }
}
