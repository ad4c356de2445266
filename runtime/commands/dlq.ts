import { parseDuration } from '#shared/contracts/duration.ts'
import type { Sql } from '#shared/state/sql.ts'
import {
  countDeadLetters,
  type DeadLetterCount,
  type DeadLetterFilter,
  type DeadLetterRow,
  findDeadLetter,
  isDeadLetterId,
  listDeadLetters,
  type WholeDeadLetter,
} from '../dead-letters/rows.ts'
import { UserError } from '../user-error.ts'
import { replayAll } from './dlq-replay.ts'
import type { Output } from './output.ts'
import { findRunning } from './running.ts'
import { printable, shortTime, table } from './table.ts'

/** What the options of a dlq command hold. */
export interface DlqOptions {
  data: string
  consumer?: string
  reason?: string
  since?: string
  limit: number
  all?: boolean
  rate?: number
  dryRun?: boolean
  json?: boolean
}

const checkId = (id: string): string => {
  if (!isDeadLetterId(id))
    throw new UserError(`'${id.slice(0, 64)}' is no id of a dead letter: "junction dlq ls" lists them`)
  return id
}

const parseSince = (text: string): Date => {
  if (/^\d{4}-/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text)
  try {
    return new Date(Date.now() - parseDuration(text))
  } catch {
    throw new UserError(`--since ${text}: give an instant (2024-05-06T08:00:00Z) or how long ago (30m, 2h, 7d)`)
  }
}

const filterOf = (ids: string[], { consumer, reason, since, limit, all }: DlqOptions): DeadLetterFilter => ({
  ids: ids.map(checkId),
  consumer,
  reason,
  since: since === undefined ? undefined : parseSince(since),
  limit,
  all: all === true,
})

const lettersTable = (letters: DeadLetterRow[]): string[] =>
  table(
    ['ID', 'CONSUMER', 'REASON', 'EVENT', 'AGE', 'ATTEMPTS', 'REPLAYS', 'ERROR'],
    letters.map((letter) => [
      letter.id,
      letter.consumer,
      letter.reason,
      `${letter.eventId ?? '-'}${letter.part === null ? '' : ` ${letter.part}`}`,
      shortTime(Date.now() - letter.firstSeen.getTime()),
      letter.attempts,
      letter.replays,
      letter.error.slice(0, 60),
    ]),
  )

const read = async (sql: Sql, id: string): Promise<WholeDeadLetter> => {
  const letter = await findDeadLetter(sql, id)
  if (letter === undefined) throw new UserError(`there is no dead letter ${id}: "junction dlq ls --all" lists them`)
  return letter
}

/** Lists dead letters. */
export const dlqList = async (options: DlqOptions, output: Output): Promise<void> => {
  const running = await findRunning(options.data)
  const filter = filterOf([], options)
  await running.withDatabase(async (sql) => {
    const letters = await listDeadLetters(sql, filter)
    const others = letters.length === 0 ? await countDeadLetters(sql, filter.all) : []
    output.data(letters, () => (letters.length === 0 ? noneOf(others) : lettersTable(letters)))
  })
}

/** A misspelt name finds nothing either: what there is shows it. */
const noneOf = (others: DeadLetterCount[]): string[] =>
  others.length === 0
    ? ['no dead letters']
    : [
        'no dead letters of that kind; there are',
        ...table(
          ['CONSUMER', 'REASON', 'LETTERS'],
          others.map(({ consumer, reason, letters }) => [consumer, reason, letters]),
        ),
      ]

/** Shows one dead letter with its event. */
export const dlqShow = async (id: string, options: DlqOptions, output: Output): Promise<void> => {
  const running = await findRunning(options.data)
  const { body, ...letter } = await running.withDatabase((sql) => read(sql, checkId(id)))
  const text = body.toString('utf8')
  const asText = Buffer.from(text).equals(body)
  output.data({ ...letter, ...(asText ? { body: text } : { bodyBase64: body.toString('base64') }) }, () => [
    ...Object.entries(letter)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name.padEnd(16)} ${plain(value)}`),
    '',
    // Control characters of a hostile event must not reach the terminal.
    asText ? JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"') : `base64: ${body.toString('base64')}`,
  ])
}

const plain = (value: unknown): string =>
  value instanceof Date
    ? value.toISOString()
    : printable(typeof value === 'object' ? JSON.stringify(value) : String(value))

/** Brings dead letters back to their functions; with `dryRun` only says which. */
export const dlqReplay = async (ids: string[], options: DlqOptions, output: Output): Promise<void> => {
  if (ids.length === 0 && !options.consumer && !options.reason && !options.since && !options.all)
    throw new UserError('say which: ids, --consumer, --reason, --since, or --all for every open one')
  const running = await findRunning(options.data)
  await running.withDatabase(async (database) => {
    const letters = await listDeadLetters(database, { ...filterOf(ids, options), all: false })
    if (options.dryRun) {
      output.data(letters, () => [`${letters.length} would be replayed`, ...lettersTable(letters)])
      return
    }
    const outcomes = await replayAll(letters, {
      database,
      running,
      rate: options.rate ?? 50,
      onOutcome: ({ id, outcome, detail }) => output.note(`${id}  ${outcome}  ${detail}`),
    })
    const resolved = outcomes.filter(({ outcome }) => outcome === 'resolved').length
    output.data(outcomes, () => [`${resolved} of ${letters.length} replayed`])
    if (resolved < letters.length) output.fail()
  })
}
