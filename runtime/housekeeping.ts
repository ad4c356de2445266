import type { Logger } from 'pino'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { formatDuration } from '#shared/contracts/duration.ts'
import { topicPlans } from '#shared/contracts/topics.ts'
import type { Database } from '#shared/state/database.ts'
import { keepHouse, type Retention } from '#shared/state/retention.ts'
import { RELAY } from './connector/relay.ts'
import { MAX_AGE_MS } from './connector/retry.ts'
import type { FunctionSpec } from './connector/types.ts'
import { tellOldDeadLetters } from './dead-letters/watch.ts'

/** What keeping the log of PostgreSQL in order needs. */
export interface HousekeepingOptions {
  database: Database
  functions(): FunctionSpec[]
  /** The functions read another bus: of this log the relay alone holds anything up. */
  relays: boolean
  retention: Retention
  log: Logger
}

const DAY_MS = 86_400_000

/** Throws `ConfigurationError` where events or markers would be gone before they are done with. */
export function checkRetention({ logMs, inboxMs }: Retention, plans = topicPlans): void {
  const [log, inbox] = [formatDuration(logMs), formatDuration(inboxMs)]
  for (const { topic, retentionDays } of plans) {
    if (logMs < retentionDays * DAY_MS)
      throw new ConfigurationError(
        `LOG_RETENTION is ${log}, but the topic ${topic} is to be kept for ${retentionDays}d`,
      )
  }
  if (inboxMs < MAX_AGE_MS) {
    const retried = formatDuration(MAX_AGE_MS)
    throw new ConfigurationError(`INBOX_RETENTION is ${inbox}, but an event is retried for ${retried}: make it longer`)
  }
  if (inboxMs < logMs + DAY_MS) {
    const kept = formatDuration(logMs + DAY_MS)
    throw new ConfigurationError(
      `INBOX_RETENTION is ${inbox}, but the log keeps events for up to ${kept} (LOG_RETENTION and a day): delivered again, they would have their effect twice`,
    )
  }
}

/**
 * Keeps the log of PostgreSQL in order, and tells who holds up what is past retention, and who will miss something. Answers
 * whether the round was done; one that failed is told.
 */
export const housekeeping = ({ database, functions, relays, retention, log }: HousekeepingOptions) => {
  const told = new Set<string>()
  const keep = async (): Promise<void> => {
    const readers = functions().filter(({ topics, foreignTopic }) => topics.length > 0 || foreignTopic !== undefined)
    const deployed = relays ? [RELAY] : readers.map(({ name }) => name)
    await tellOldDeadLetters(database, log)
    const { held, gone } = await keepHouse(database, deployed, retention)
    for (const { day, consumer } of held) {
      const mend =
        'see why it is behind, or skip what it missed: `junction redeliver TOPIC --consumer F --from latest --forward`'
      log.error(
        { alarm: 'retention_held', day, consumer },
        `${consumer} has not read the log of ${day}, which is past retention: ${mend}`,
      )
    }
    const names = readers.map(({ name }) => name)
    for (const { consumer, until } of gone.filter((one) => !told.has(one.consumer) && !names.includes(one.consumer))) {
      told.add(consumer)
      const mend = `deploy it again, or forget it with \`junction consumer rm ${consumer}\``
      log.error(
        { alarm: 'consumer_gone', consumer, until },
        `${consumer} is no longer deployed; what it has not read is kept for it until ${until.toISOString()}: ${mend}`,
      )
    }
  }
  return async (): Promise<boolean> => {
    try {
      await keep()
      return true
    } catch (error) {
      log.error({ alarm: 'housekeeping_failed', err: error }, 'housekeeping of the log failed')
      return false
    }
  }
}
