import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { makeSocketDir } from '#runtime/embedded/socket-dir.ts'
import { openBus } from '#shared/bus/open.ts'
import type { Bus } from '#shared/bus/port.ts'
import { topicPlans } from '#shared/contracts/topics.ts'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { openLedger } from '#test/e2e/ledger.ts'
import type { Process } from '#test/e2e/processes.ts'
import { until } from '#test/e2e/runtime.ts'
import { freePort } from '#test/ports.ts'
import type { ConnectorProgram } from '../programs/connector.ts'
import type { GatewayProgram } from '../programs/gateway.ts'
import { type FaultProxy, openProxy } from '../proxy.ts'
import type { BusName, Counts } from '../row.ts'
import { databaseUrl, type Server } from '../server.ts'
import { type Broker, startBroker } from './broker.ts'
import { openPart, type Part } from './child.ts'
import { type ConnectorPart, connectorFace, statusOf } from './connector.ts'
import { type Generator, openGenerator } from './generator.ts'
import { type Look, openLook } from './look.ts'
import { type Orders, openOrders } from './orders.ts'
import { countingIn, type Deployed, stackText } from './stack.ts'
import { lag, tally } from './tally.ts'

/** Everything of Junction that runs for a row, each part a process that can be done to. */
export interface City {
  /** Straight to PostgreSQL, past the proxy. */
  database: Database
  server: Server
  /** How functions, gateway and connectors reach PostgreSQL. */
  databaseProxy: FaultProxy
  broker: Broker
  bus: Bus
  gateway: Part
  gatewayUrl: string
  /** Processes of functions. */
  functions(): Process[]
  /** The first is started with the city, unless the row asks otherwise. */
  connectors: ConnectorPart[]
  /** Prepares one more connector. */
  connector(): Promise<ConnectorPart>
  generator: Generator
  orders: Orders
  /** Events between the positions and the ends. */
  behind(): Promise<number>
  /** Waits until all positions stand at the ends. */
  atRest(patienceMs?: number): Promise<void>
  /** Waits until so many events were handed to the counting function. */
  tried(events: number): Promise<void>
  /** `once`: the function takes an id only once, under whatever offsets. */
  counts(options?: { once?: boolean }): Promise<Counts>
  /** What the counting function left behind, and how the connectors stand. */
  look: Look
  /** Tries on the database until it succeeds: it comes and goes. */
  retried<T>(work: (database: Database) => Promise<T>): Promise<T>
}

/** What a city is made of. */
export interface CityOptions {
  /** The counting function alone unless given. */
  functions?: Deployed[]
  /** Settings of all functions. */
  settings?: Record<string, string>
  /** Connectors that run from the start; 1 unless given. */
  connectors?: number
  /** Connectors find PostgreSQL by a name, resolved by that file, at a port that is known when they are prepared. */
  names?: { file: string; database: string; ports: { port: number } }
}

/** Where a city finds what it runs on. */
export interface CityGround {
  carrier: BusName
  /** Of the connectors' shares: 45 s unless a row has to be short. */
  leaseMs: number
  root: string
  server: Server
  folder: string
  /** Of its database. */
  name: string
  /** The counting function, in the variant asked for. */
  counting: string
  atEnd(work: () => Promise<unknown> | unknown): void
}

const PATIENCE_MS = 120_000

/** Starts a city; what was started is ended through `atEnd`. */
export async function openCity(ground: CityGround, options: CityOptions = {}): Promise<City> {
  const { root, server, folder, name, atEnd } = ground
  const { names, settings = {}, functions = [countingIn(ground.counting)], connectors: wanted = 1 } = options
  const url = await server.database(name)
  atEnd(() => server.drop(name))
  // A row that failed within an outage leaves none to the next.
  atEnd(() => server.start())
  const database = openDatabase({ url, password: server.password, max: 3, name: 'harness' })
  const sending = openDatabase({ url, password: server.password, max: 2, name: 'generator' })
  atEnd(() => Promise.all([database.close(), sending.close()]))

  const proxyDir = makeSocketDir('.s.PGSQL.5432')
  const databaseProxy = await openProxy({ path: join(proxyDir, '.s.PGSQL.5432') }, () => ({
    path: join(server.socketDir, '.s.PGSQL.5432'),
  }))
  atEnd(() => databaseProxy.close())
  const broker = await startBroker(ground.carrier, server, databaseProxy)
  atEnd(() => broker.end())
  const secret = () => undefined
  const bus = await openBus(broker.url, { database: sending, secret, log: pino({ level: 'silent' }) })
  await until('the topics are there', () => bus.ensureTopics(topicPlans).then(() => true))
  atEnd(() => bus.close())

  const orders = openOrders(join(folder, 'orders'))
  const stack = join(folder, 'stack.yml')
  writeFileSync(stack, stackText(functions, orders.folder))
  const logDir = join(folder, 'logs')
  mkdirSync(logDir, { recursive: true })
  const proxied = databaseUrl(name, proxyDir)
  const env = { PATH: process.env.PATH ?? '', AUTH_MODE: 'dev', HOST: '127.0.0.1' }
  const program = (file: string, what: GatewayProgram | ConnectorProgram) => [
    join(root, `dist/test/${file}.js`),
    JSON.stringify(what),
  ]

  const gatewayPort = await freePort()
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`
  const gateway = openPart({
    args: program('faults-gateway', {
      ...{ port: gatewayPort, stack, databaseUrl: proxied, secrets: server.secrets, logDir },
      socketDir: makeSocketDir('x'.repeat(30)),
      settings: { AUTH_MODE: 'dev', BUS_URL: broker.urlInUse, ...settings },
    }),
    env,
    logFile: join(logDir, 'gateway.log'),
    ready: async () => (await statusOf(`${gatewayUrl}/healthz`)) === 200,
  })
  atEnd(() => gateway.kill())
  const connectors: ConnectorPart[] = []
  const connector = async (): Promise<ConnectorPart> => {
    const port = await freePort()
    const at = `http://127.0.0.1:${port}`
    const found = names && `postgres://junction@${names.database}:${names.ports.port}/${name}`
    const part = openPart({
      args: program('faults-connector', {
        ...{ port, stack, databaseUrl: found ?? proxied, busUrl: broker.urlInUse, gatewayUrl, secrets: server.secrets },
        execTimeout: settings.exec_timeout ?? '10s',
        holder: `connector-${connectors.length}`,
        leaseMs: ground.leaseMs,
      }),
      env: names
        ? { ...env, NAMES: names.file, NODE_OPTIONS: `--import=${join(root, 'dist/test/faults-names.js')}` }
        : env,
      logFile: join(logDir, `connector-${connectors.length}.log`),
      ready: async () => (await statusOf(`${at}/`)) === 200,
    })
    const one: ConnectorPart = { ...part, ...connectorFace(at) }
    connectors.push(one)
    atEnd(() => {
      part.thaw()
      return part.kill()
    })
    return one
  }

  await gateway.start()
  for (let i = 0; i < wanted; i++) await (await connector()).start()
  const ledger = openLedger(join(folder, 'ledger'))
  atEnd(() => ledger.close())

  const retried: City['retried'] = async (work) => {
    for (const end = Date.now() + PATIENCE_MS; ; ) {
      try {
        return await work(database)
      } catch (error) {
        if (Date.now() > end) throw error
        await delay(100)
      }
    }
  }
  const generator = openGenerator(bus, ledger)
  return {
    ...{ database, server, databaseProxy, bus, gateway, gatewayUrl, connectors, connector, orders, retried },
    broker,
    functions: () => gateway.family().filter(({ command }) => /dist\/(test\/)?functions\//.test(command)),
    generator,
    look: openLook({ retried, connectors, generator }),
    atRest: (patienceMs = PATIENCE_MS) =>
      until('all positions stand at the ends', () => retried(async () => (await lag(database, bus)) === 0), patienceMs),
    behind: () => retried(() => lag(database, bus)),
    tried: (events) => until(`${events} events are tried`, async () => orders.tries() >= events),
    counts: ({ once = false } = {}) => retried(() => tally(database, bus, ledger.ids, once)),
  }
}
