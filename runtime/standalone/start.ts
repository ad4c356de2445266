import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { openLeases } from '#shared/bus/lease.ts'
import { openBus } from '#shared/bus/open.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { readBusUrl } from '#shared/bus/url.ts'
import { openClock } from '#shared/clock.ts'
import { type ConnectorEnvironment, readSecret } from '#shared/config.ts'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { openDatabase } from '#shared/state/database.ts'
import { type Connector, startConnector } from '../connector/connector.ts'
import { deadLetterMetrics } from '../dead-letters/watch.ts'
import { checkRetention, housekeeping } from '../housekeeping.ts'
import type { Stops } from '../up/steps.ts'
import { authorizationOf } from './authorization.ts'
import { readDeployed } from './deployed.ts'
import { remoteGateway } from './gateway.ts'
import { listedFunctions } from './listed.ts'
import { bringForward } from './schema.ts'
import { serveHealth } from './server.ts'
import { type Watch, watchGateway } from './watch.ts'

/** What a connector beside a gateway is started with. */
export interface StandaloneOptions {
  /** Where the functions are: a gateway tells, or a file. */
  functions: { gateway: URL } | { file: string }
  host: string
  port: number
  environment: ConnectorEnvironment
  log: Logger
  /** Takes what has to be stopped, in the opposite order. */
  stops: Stops
  /** Aborted when it is to stop while it waits for its database. */
  signal: AbortSignal
}

const DELIVERY_POOL = 6
const OTHER_POOL = 3
const LOOK_MS = 2_000
const CLOSE_MS = 1_000

/** Starts the connector alone: database and gateway may be away, at first and later, which is said and tried on. */
export const startStandalone = async (options: StandaloneOptions): Promise<void> => {
  const { functions, environment, log, stops, signal } = options
  const place = 'file' in functions ? functions.file : functions.gateway.origin
  const secret = (name: string) => readSecret(environment.SECRETS_DIR, name)
  const token = secret('connector-key')
  if (!token) throw new ConfigurationError(`the secret connector-key is missing in ${environment.SECRETS_DIR}`)
  const retention = { logMs: environment.LOG_RETENTION, inboxMs: environment.INBOX_RETENTION }
  checkRetention(retention)
  let connector: Connector | undefined
  let watch: Watch | undefined
  const isThere = () => watch?.isThere ?? false

  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  showGateway(registry, isThere)
  const status = () => {
    const { ready, error, consumers } = connector?.status() ?? { ready: false, error: 'no database yet', consumers: [] }
    return { ready: ready && isThere(), error, gateway: { ready: isThere(), error: watch?.fault }, consumers }
  }
  const { port, close } = await serveHealth({ host: options.host, port: options.port, registry, status })
  stops.add('the port', () => close(CLOSE_MS))
  log.info({ port, gateway: place }, `connector of ${place}: health and metrics on port ${port}`)

  const open = (max: number, name: string) => {
    const password = secret('database-password')
    const database = openDatabase({ url: environment.DATABASE_URL, password, max, name })
    stops.add(`the pool ${name}`, () => database.close())
    return database
  }
  const [delivery, database] = [open(DELIVERY_POOL, 'connector'), open(OTHER_POOL, 'connector upkeep')]
  await bringForward(database, log, signal)
  // Its place, not its process: what is started anew there has its share at once.
  const leases = openLeases(database, { holder: `${hostname()}:${port}` })
  const bus = await openBus(environment.BUS_URL, { database: delivery, leases, secret, log })
  stops.add('the bus', () => bus.close())
  deadLetterMetrics(registry, database)
  const relayed = readBusUrl(environment.BUS_URL).scheme === 'postgres' ? undefined : postgresBus(delivery, leases)
  const gateway =
    'file' in functions
      ? listedFunctions(functions.file)
      : remoteGateway({ url: functions.gateway, authorization: () => authorizationOf(secret), isThere })
  stops.add('the gateway', gateway.close)
  connector = startConnector({
    ...{ bus, leases, database, token, log, functions: [], invoke: gateway.invoke, metrics: registry },
    ...(relayed && { relayed }),
    clock: openClock(environment.CITY_CLOCK, database),
    maxInFlight: (name) => watch?.maxInFlight(name) ?? 1,
    housekeeping: housekeeping({
      ...{ database, functions: () => watch?.specs ?? [], relays: relayed !== undefined, retention, log },
    }),
  })
  watch = watchGateway({
    ...{ list: gateway.list, connector, log, lookMs: LOOK_MS },
    read: (functions) => readDeployed(functions, environment.exec_timeout),
  })
  stops.add('the connector', connector.stop)
  stops.add('the look at the gateway', watch.stop)
}

const showGateway = (registry: Registry, isThere: () => boolean): void => {
  new Gauge({
    name: 'junction_connector_gateway_up',
    help: '1 while the gateway tells what is deployed',
    registers: [registry],
    collect() {
      this.set(isThere() ? 1 : 0)
    },
  })
}
