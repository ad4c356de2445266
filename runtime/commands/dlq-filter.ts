import { deadLetterReasons } from '#shared/contracts/dead-letters.ts'
import { parseDuration } from '#shared/contracts/duration.ts'
import type { Sql } from '#shared/state/sql.ts'
import { type DeadLetterFilter, isDeadLetterId, knownConsumers } from '../dead-letters/rows.ts'
import { UserError } from '../user-error.ts'

/** The options by which all dlq commands choose their letters. */
export interface FilterOptions {
  consumer?: string
  reason?: string
  since?: string
  limit: number
  all?: boolean
}

/** Throws UserError where nothing says which letters are meant: all of them are by `--all` alone. */
export const checkChosen = (ids: string[], { consumer, reason, since, all }: FilterOptions): void => {
  if (ids.length === 0 && !consumer && !reason && !since && !all)
    throw new UserError('say which: ids, --consumer, --reason, --since, or --all for every open one')
}

/** The id of a dead letter; throws UserError for what can be none. */
export const checkId = (id: string): string => {
  if (!isDeadLetterId(id))
    throw new UserError(`'${id.slice(0, 64)}' is no id of a dead letter: "junction dlq ls" lists them`)
  return id
}

/** An instant, or one so long ago; throws UserError that names the option. */
export const parseSince = (option: string, text: string): Date => {
  if (/^\d{4}-/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text)
  try {
    return new Date(Date.now() - parseDuration(text))
  } catch {
    throw new UserError(`${option} ${text}: give an instant (2024-05-06T08:00:00Z) or how long ago (30m, 2h, 7d)`)
  }
}

/** Reads the options; a reason or a consumer that does not exist is told with those that do. */
export const readFilter = async (sql: Sql, ids: string[], options: FilterOptions): Promise<DeadLetterFilter> => {
  const { consumer, reason, since, limit, all } = options
  if (reason !== undefined && !(deadLetterReasons as readonly string[]).includes(reason))
    throw new UserError(`there is no reason '${reason.slice(0, 64)}': the reasons are ${deadLetterReasons.join(', ')}`)
  if (consumer !== undefined) await checkConsumer(sql, consumer)
  return {
    ids: ids.map(checkId),
    consumer,
    reason,
    since: since === undefined ? undefined : parseSince('--since', since),
    limit,
    all: all === true,
  }
}

/** Throws UserError with the known names where there is no such consumer. */
export const checkConsumer = async (sql: Sql, name: string): Promise<void> => {
  const known = await knownConsumers(sql)
  if (!known.includes(name))
    throw new UserError(
      `there is no consumer '${name.slice(0, 64)}': the consumers are ${known.join(', ') || 'none yet'}`,
    )
}
