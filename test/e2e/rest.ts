import type { Runtime } from './runtime.ts'
import { until } from './runtime.ts'

// A whole day's backlog on a slow machine.
const PATIENCE_MS = 600_000
const BEHIND = `
  select coalesce(sum(l.next_offset - coalesce(p.next, 0)), 0)::int as lag,
    (select count(*)::int from alarm where at <= (select city from city_clock)) as alarms
  from unnest($1::text[]) c (name)
  join log_partition l on l.topic = 'readings'
  left join position p on p.consumer = c.name and p.log = 'postgres' and p.topic = l.topic and p.partition = l.partition`

/** How far the consumers of `readings` are behind, and how many alarms are due. */
export async function behind(runtime: Runtime, consumers: string[]): Promise<{ lag: number; alarms: number }> {
  const { rows } = await runtime.retried((database) =>
    database.query<{ lag: number; alarms: number }>(BEHIND, [consumers]),
  )
  return rows[0] ?? { lag: 0, alarms: 0 }
}

/** Waits until every position stands at its end and no alarm is due. */
export const atRest = (runtime: Runtime, consumers: string[]): Promise<void> =>
  until(
    'all positions stand at the ends of the log and no alarm is due',
    async () => {
      const { lag, alarms } = await behind(runtime, consumers)
      return lag === 0 && alarms === 0
    },
    PATIENCE_MS,
  )
