import type { Sql } from '#shared/state/sql.ts'
import {
  countDeadLetters,
  type DeadLetterCount,
  type DeadLetterRow,
  exportedLetter,
  findDeadLetter,
  listDeadLetters,
  type WholeDeadLetter,
} from '../dead-letters/rows.ts'
import { UserError } from '../user-error.ts'
import { findDeployed, type Place } from './beside.ts'
import { checkChosen, checkId, type FilterOptions, readFilter } from './dlq-filter.ts'
import { replayAll } from './dlq-replay.ts'
import type { Output } from './output.ts'
import { printable, shortTime, table } from './table.ts'

/** What the options of a dlq command hold. */
export interface DlqOptions extends FilterOptions, Place {
  rate?: number
  dryRun?: boolean
  json?: boolean
}

/** Dead letters as a table. */
export const lettersTable = (letters: DeadLetterRow[]): string[] =>
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
  const running = await findDeployed(options)
  await running.withDatabase(async (sql) => {
    const filter = await readFilter(sql, [], options)
    const letters = await listDeadLetters(sql, filter)
    const others = letters.length === 0 ? await countDeadLetters(sql, filter.all) : []
    output.data(letters, () => (letters.length === 0 ? noneOf(others) : lettersTable(letters)))
  })
}

/** Nothing found among something: what there is shows where to look. */
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
  const running = await findDeployed(options)
  const shown = exportedLetter(await running.withDatabase((sql) => read(sql, checkId(id))))
  const { body, bodyBase64, ...letter } = { body: undefined, bodyBase64: undefined, ...shown }
  output.data(shown, () => [
    ...Object.entries(letter)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name.padEnd(16)} ${plain(value)}`),
    '',
    // Control characters of a hostile event must not reach the terminal.
    body === undefined ? `base64: ${bodyBase64}` : JSON.stringify(body).slice(1, -1).replaceAll('\\"', '"'),
  ])
}

const plain = (value: unknown): string =>
  value instanceof Date
    ? value.toISOString()
    : printable(typeof value === 'object' ? JSON.stringify(value) : String(value))

/** Brings dead letters back to their functions; with `dryRun` only says which. */
export const dlqReplay = async (ids: string[], options: DlqOptions, output: Output): Promise<void> => {
  checkChosen(ids, options)
  const running = await findDeployed(options)
  await running.withDatabase(async (database) => {
    const letters = await listDeadLetters(database, { ...(await readFilter(database, ids, options)), all: false })
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
