import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { Sql } from '#shared/state/sql.ts'

interface Open {
  consumer: string
  open: number
  oldestSeconds: number
}

/** A dead letter that nobody looked at for so long is an alarm. */
const OLD_SECONDS = 3600

const readOpen = async (sql: Sql): Promise<Open[]> => {
  const { rows } = await sql.query<Open>(
    `select consumer, count(*)::int as open, extract(epoch from now() - min(first_seen))::float8 as "oldestSeconds"
     from dead_letter where resolution is null group by consumer order by consumer`,
  )
  return rows
}

/** Tells which consumers have dead letters that are open for more than an hour. */
export const tellOldDeadLetters = async (sql: Sql, log: Logger): Promise<void> => {
  for (const { consumer, open, oldestSeconds } of await readOpen(sql)) {
    if (oldestSeconds <= OLD_SECONDS) continue
    const hours = Math.floor(oldestSeconds / 3600)
    log.error(
      { alarm: 'dead_letters_old', consumer, open, oldestSeconds: Math.round(oldestSeconds) },
      `${consumer} has ${open} dead letters, the oldest for ${hours} h: look at them with \`junction dlq ls --consumer ${consumer}\``,
    )
  }
}

/** Registers how many dead letters are open and since when; asked of the database when somebody asks, unknown while it is down. */
export const deadLetterMetrics = (registry: Registry, sql: Sql): void => {
  const gauge = (name: string, help: string, pick: (row: Open) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['consumer'],
      registers: [registry],
      async collect() {
        const rows = await readOpen(sql).catch(() => [])
        this.reset()
        for (const row of rows) this.set({ consumer: row.consumer }, pick(row))
      },
    })
  gauge(
    'junction_dead_letters_open',
    'Dead letters of a consumer that are neither brought back nor dropped',
    ({ open }) => open,
  )
  gauge(
    'junction_dead_letters_oldest_seconds',
    'Age of the oldest open dead letter of a consumer',
    ({ oldestSeconds }) => oldestSeconds,
  )
}
