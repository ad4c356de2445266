import type { Logger } from 'pino'
import type { Database } from '#shared/state/database.ts'
import { keepHouse } from '#shared/state/retention.ts'
import { RELAY } from './connector/relay.ts'
import type { FunctionSpec } from './connector/types.ts'

/** What keeping the log of PostgreSQL in order needs. */
export interface HousekeepingOptions {
  database: Database
  functions(): FunctionSpec[]
  /** The functions read another bus: of this log the relay alone holds anything up. */
  relays: boolean
  log: Logger
}

/** Keeps the log of PostgreSQL in order, and tells who holds up what is past retention. */
export const housekeeping =
  ({ database, functions, relays, log }: HousekeepingOptions) =>
  async (): Promise<void> => {
    const readers = functions().filter(({ topics, foreignTopic }) => topics.length > 0 || foreignTopic !== undefined)
    const { held } = await keepHouse(database, relays ? [RELAY] : readers.map(({ name }) => name))
    for (const { day, consumer } of held) {
      const mend = 'see why it is behind, or forget it with `junction consumer rm`'
      log.error({ day, consumer }, `${consumer} has not read the log of ${day}, which is past retention: ${mend}`)
    }
  }
