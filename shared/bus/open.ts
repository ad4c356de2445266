import type { Logger } from 'pino'
import type { Database } from '#shared/state/database.ts'
import type { Leases } from './lease.ts'
import type { BrokerSettings, Bus } from './port.ts'
import { postgresBus } from './postgres.ts'
import { readBusUrl } from './url.ts'

/** What a bus may need beside its URL; a driver takes what it knows. */
export interface BusParts {
  /** Where the log of PostgreSQL lies. */
  database: Database
  /** Needed by whoever delivers, to share partitions with others; who only appends has none. */
  leases?: Leases
  /** A secret by its name, undefined where there is none. */
  secret(name: string): string | undefined
  log: Logger
  settings?: BrokerSettings
}

/** Opens the bus that the scheme of the URL names; a broker's driver is loaded only then, and nothing is connected yet. */
export async function openBus(url: string, { database, leases, ...broker }: BusParts): Promise<Bus> {
  const { scheme } = readBusUrl(url)
  switch (scheme) {
    case 'postgres':
      return postgresBus(database, leases)
    case 'kafka': {
      const { kafkaBus } = await import('./kafka.ts')
      return kafkaBus({ url, ...broker })
    }
    case 'nats': {
      const { natsBus } = await import('./nats.ts')
      return natsBus({ url, leases, ...broker })
    }
  }
}
