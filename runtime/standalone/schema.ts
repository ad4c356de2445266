import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '#shared/state/database.ts'
import { migrate } from '#shared/state/migrate.ts'
import { readMigrations } from '#shared/state/migrations.ts'
import { projectRoot } from '../project.ts'

const RETRY_MS = 1_000

/** Brings the schema forward once the database is there; rejects where this build cannot, and when `signal` is aborted. */
export const bringForward = async (database: Database, log: Logger, signal: AbortSignal): Promise<void> => {
  const migrations = await readMigrations(join(projectRoot(), 'shared/state/migrations'))
  for (let said: string | undefined; ; ) {
    try {
      const applied = await migrate(database, migrations)
      if (said !== undefined || applied.length > 0)
        log.info({ applied }, 'the database is there, its schema is of this build')
      return
    } catch (error) {
      const { name, message } = error as Error
      if (name !== 'DatabaseUnavailable') throw error
      if (message !== said)
        log.error({ alarm: 'database_unreachable', error: message }, `waiting for the database: ${message}`)
      said = message
    }
    await sleep(RETRY_MS, undefined, { signal })
  }
}
