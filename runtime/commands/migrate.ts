import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConnectorEnvironment, readSecret } from '#shared/config.ts'
import { openDatabase } from '#shared/state/database.ts'
import { migrate } from '#shared/state/migrate.ts'
import { readMigrations } from '#shared/state/migrations.ts'
import { projectRoot } from '../project.ts'
import type { Output } from './output.ts'

/** Exit code where the database was not reached in time: what started this may try again. */
export const TRY_AGAIN = 75

const RETRY_MS = 500

/** Brings the schema of the database of DATABASE_URL forward to this build's, again and again with the same end. Gives the exit code. */
export const migrateCommand = async (waitMs: number, output: Output): Promise<number> => {
  const { DATABASE_URL: url, SECRETS_DIR } = readConnectorEnvironment()
  const password = readSecret(SECRETS_DIR, 'database-password')
  const migrations = await readMigrations(join(projectRoot(), 'shared/state/migrations'))
  const database = openDatabase({ url, password, max: 1, name: 'migrations' })
  const until = performance.now() + waitMs
  try {
    for (let said = false; ; said = true) {
      try {
        const applied = await migrate(database, migrations)
        const newest = migrations.at(-1)?.name
        output.data({ applied, schema: newest }, () => [
          applied.length > 0 ? `applied ${applied.join(', ')}` : `nothing to do: the schema is at ${newest}`,
        ])
        return 0
      } catch (error) {
        const { name, message } = error as Error
        if (name !== 'DatabaseUnavailable') throw error
        if (!said) output.note(`waiting for the database: ${message}`)
        if (performance.now() + RETRY_MS > until) {
          output.note(`the database was not reached in ${waitMs / 1_000} s: ${message}`)
          return TRY_AGAIN
        }
      }
      await sleep(RETRY_MS)
    }
  } finally {
    await database.close()
  }
}
