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

const moved = (message: string) => Object.assign(new Error(message), { code: 'JN001' })
