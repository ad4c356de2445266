import type { Sql } from '#shared/state/sql.ts'
import { PermanentError } from './errors.ts'
import type { TickCall } from './event.ts'
import type { SliceTools } from './slice-work.ts'

/** Runs an alarm or a tick of the schedule as one unit of work, whose claim is the alarm's row or the schedule's last. */
export async function workTick(tick: TickCall, tools: SliceTools): Promise<void> {
  const { definition, host, runUnit, signal, traceparent } = tools
  const handler = tick.kind === 'alarm' ? definition.onAlarm : definition.onSchedule
  if (!handler) throw new PermanentError(`${definition.name} handles no ${tick.kind}`)
  const stamp = tick.kind === 'alarm' ? await alarmStamp(host.database, host.consumer, tick) : ''
  await runUnit(host, {
    events: [],
    deadLetters: [],
    claim: (sql) =>
      tick.kind === 'alarm' ? claimAlarm(sql, host.consumer, tick, stamp) : claimSchedule(sql, host.consumer, tick),
    run: (_events, context) => handler({ name: tick.name, plannedAt: tick.plannedAt }, context),
    signal,
    traceparent,
  })
}

/**
 * Runs a tick by a clock of the platform's own, a PingSource or OpenFaaS's cron connector, as one of the schedule: the
 * same one brought again has no effect, and none is taken for one that is still to come.
 */
export async function workTrigger(at: Date | undefined, tools: SliceTools): Promise<void> {
  const { definition, host, runUnit, signal, traceparent } = tools
  const { onSchedule } = definition
  if (!onSchedule) throw new PermanentError(`${definition.name} handles no schedule`)
  const now = await host.clock.now()
  const plannedAt = at !== undefined && at < now ? at : now
  await runUnit(host, {
    events: [],
    deadLetters: [],
    claim: (sql) => claimTrigger(sql, host.consumer, plannedAt),
    run: (_events, context) => onSchedule({ name: SCHEDULE, plannedAt }, context),
    signal,
    traceparent,
  })
}

/** The name of the only schedule that a function has. */
const SCHEDULE = 'schedule'

/** Who wrote the alarm's row last; read before the handler reads anything, so that a later wish is not lost. */
async function alarmStamp(sql: Sql, consumer: string, { plannedAt }: TickCall): Promise<string> {
  const { rows } = await sql.query<{ stamp: string }>(
    'select xmin::text as stamp from alarm where consumer = $1 and at = $2',
    [consumer, plannedAt],
  )
  if (rows[0] === undefined) throw moved('the alarm is done already')
  return rows[0].stamp
}

async function claimAlarm(sql: Sql, consumer: string, { plannedAt }: TickCall, stamp: string): Promise<void> {
  const { rowCount } = await sql.query('delete from alarm where consumer = $1 and at = $2 and xmin::text = $3', [
    consumer,
    plannedAt,
    stamp,
  ])
  if (rowCount === 0) throw moved('the alarm is done already, or was asked for again')
}

async function claimSchedule(sql: Sql, consumer: string, { name, plannedAt }: TickCall): Promise<void> {
  const { rowCount } = await sql.query(
    'update schedule set last = $3 where consumer = $1 and name = $2 and last < $3',
    [consumer, name, plannedAt],
  )
  if (rowCount === 0) throw moved('the tick is done already')
}

// Without a connector nobody has made the schedule's row.
async function claimTrigger(sql: Sql, consumer: string, plannedAt: Date): Promise<void> {
  const { rowCount } = await sql.query(
    `insert into schedule (consumer, name, last) values ($1, $2, $3)
     on conflict (consumer, name) do update set last = excluded.last where schedule.last < excluded.last`,
    [consumer, SCHEDULE, plannedAt],
  )
  if (rowCount === 0) throw moved('the tick is done already')
}

const moved = (message: string) => Object.assign(new Error(message), { code: 'JN001' })
