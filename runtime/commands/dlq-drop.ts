import { userInfo } from 'node:os'
import { dropDeadLetters } from '../dead-letters/drop.ts'
import { listDeadLetters } from '../dead-letters/rows.ts'
import { UserError } from '../user-error.ts'
import { findDeployed } from './beside.ts'
import { type DlqOptions, lettersTable } from './dlq.ts'
import { checkChosen, readFilter } from './dlq-filter.ts'
import type { Output } from './output.ts'

/** Drops dead letters for good: they stay, marked, with who did it and why. */
export const dlqDrop = async (
  ids: string[],
  options: DlqOptions & { why: string; yes?: boolean },
  output: Output,
): Promise<void> => {
  checkChosen(ids, options)
  const running = await findDeployed(options)
  await running.withDatabase(async (database) => {
    const letters = await listDeadLetters(database, { ...(await readFilter(database, ids, options)), all: false })
    if (options.dryRun) {
      output.data(letters, () => [`${letters.length} would be dropped`, ...lettersTable(letters)])
      return
    }
    if (letters.length > 1 && !options.yes)
      throw new UserError(
        `${letters.length} dead letters would be dropped: look at them with --dry-run, then say --yes`,
      )
    const dropped = await dropDeadLetters(
      database,
      letters.map(({ id }) => id),
      { who: userName(), why: options.why },
    )
    output.data({ dropped }, () => [`${dropped.length} dropped`])
  })
}

// A user id without a name is one, too.
const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
