import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Sql } from '#shared/state/sql.ts'
import { type DeadLetterFilter, exportedLetter, wholeDeadLetters } from '../dead-letters/rows.ts'
import { UserError } from '../user-error.ts'
import { findDeployed } from './beside.ts'
import type { DlqOptions } from './dlq.ts'
import { readFilter } from './dlq-filter.ts'

/** Writes whole dead letters as NDJSON, one a line, as fast as they are taken; `-` is the standard output. */
export const dlqExport = async (options: DlqOptions & { out: string }, note: (line: string) => void): Promise<void> => {
  const running = await findDeployed(options)
  await running.withDatabase(async (sql) => {
    const filter = await readFilter(sql, [], options)
    if (options.out === '-') {
      await write(sql, filter, process.stdout)
      return
    }
    const written = await writeFile(sql, filter, options.out)
    note(`${written} dead letters are in ${options.out}`)
  })
}

// Bodies are what devices and users sent: no other user of the machine may read them. Half a file is no export.
const writeFile = async (sql: Sql, filter: DeadLetterFilter, path: string): Promise<number> => {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  try {
    return await write(sql, filter, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new UserError(`${path} is there already: name another file, or remove it first`)
    await rm(path, { force: true })
    throw error
  }
}

const write = async (sql: Sql, filter: DeadLetterFilter, to: Writable): Promise<number> => {
  let written = 0
  const lines = async function* () {
    for await (const letter of wholeDeadLetters(sql, filter)) {
      yield `${JSON.stringify(exportedLetter(letter))}\n`
      written++
    }
  }
  await pipeline(Readable.from(lines()), to, { end: to !== process.stdout })
  return written
}
