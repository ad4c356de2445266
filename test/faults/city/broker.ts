import { startKafka } from '#test/servers/kafka.ts'
import { startNats } from '#test/servers/nats.ts'
import type { BusName } from '../row.ts'
import type { Server } from '../server.ts'

/** What carries the events, as a process that can be done to. */
export interface Broker {
  /** BUS_URL. */
  url: string
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
export async function startBroker(bus: BusName, server: Server): Promise<Broker> {
  if (bus === 'kafka' || bus === 'nats') return ownServer(await (bus === 'kafka' ? startKafka() : startNats()))
  return {
    url: 'postgres://embedded',
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
  kill: async () => server.signal('SIGKILL'),
  start: () => server.restart(),
  freeze: () => server.signal('SIGSTOP'),
  thaw: () => server.signal('SIGCONT'),
  end: () => server.stop(),
})
