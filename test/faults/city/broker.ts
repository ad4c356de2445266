import { startKafka } from '#test/servers/kafka.ts'
import { startNats } from '#test/servers/nats.ts'
import { type FaultProxy, openProxy } from '../proxy.ts'
import type { BusName } from '../row.ts'
import type { Server } from '../server.ts'

/** What carries the events, as a process that can be done to. */
export interface Broker {
  /** BUS_URL, straight to it. */
  url: string
  /** BUS_URL of all that is under test. */
  urlInUse: string
  /** The way of those to it; undefined where clients are told the server's own address. */
  proxy?: FaultProxy
  /** SIGKILL; PostgreSQL, whose keeper would have it back at once, is stopped. It is away until `start`. */
  kill(): Promise<void>
  /** Resolves when it answers again. */
  start(): Promise<void>
  /** SIGSTOP: its connections stay open, nothing is answered. */
  freeze(): void
  thaw(): void
  end(): Promise<void>
}

/** Starts what carries the events of a row. */
export async function startBroker(bus: BusName, server: Server, databaseProxy: FaultProxy): Promise<Broker> {
  if (bus === 'kafka') return ownServer(await startKafka())
  if (bus === 'nats') {
    const nats = await startNats()
    const { hostname, port } = new URL(nats.url)
    const proxy = await openProxy({ port: 0 }, () => ({ host: hostname, port: Number(port) }))
    return {
      ...ownServer(nats),
      urlInUse: `nats://127.0.0.1:${proxy.port}`,
      proxy,
      end: () => proxy.close().finally(() => nats.stop()),
    }
  }
  return {
    url: 'postgres://',
    urlInUse: 'postgres://',
    proxy: databaseProxy,
    ...{ kill: server.stop, start: server.start, freeze: server.freeze, thaw: server.thaw },
    end: async () => {},
  }
}

/** A broker that is there for one row. */
interface OwnServer {
  url: string
  signal(name: NodeJS.Signals): void
  restart(): Promise<void>
  stop(): Promise<void>
}

const ownServer = (server: OwnServer): Broker => ({
  url: server.url,
  urlInUse: server.url,
  kill: async () => server.signal('SIGKILL'),
  start: () => server.restart(),
  freeze: () => server.signal('SIGSTOP'),
  thaw: () => server.signal('SIGCONT'),
  end: () => server.stop(),
})
