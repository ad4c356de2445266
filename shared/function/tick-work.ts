import type { Sql } from '#shared/state/sql.ts'
import { PermanentError } from './errors.ts'
import type { TickCall } from './event.ts'
import type { SliceTools } from './slice-work.ts'

/** Runs an alarm or a tick of the schedule as one unit of work, whose claim is the alarm's row or the schedule's last. */
export async function workTick(tick: TickCall, tools: SliceTools): Promise<void> {
  const { definition, host, runUnit, signal, traceparent } = tools
  const handler = tick.kind === 'alarm' ? definition.onAlarm : definition.onSchedule
  if (!handler) throw new PermanentError(`${definition.name} handles no ${tick.kind}`)
  await runUnit(host, {
    events: [],
    deadLetters: [],
    claim: (sql) =>
      tick.kind === 'alarm' ? claimAlarm(sql, host.consumer, tick) : claimSchedule(sql, host.consumer, tick),
    run: (_events, context) => handler({ name: tick.name, plannedAt: tick.plannedAt }, context),
    signal,
    traceparent,
  })
}

async function claimAlarm(sql: Sql, consumer: string, { plannedAt }: TickCall): Promise<void> {
  const { rowCount } = await sql.query('delete from alarm where consumer = $1 and at = $2', [consumer, plannedAt])
  if (rowCount === 0) throw moved('the alarm is done already')
}

async function claimSchedule(sql: Sql, consumer: string, { name, plannedAt }: TickCall): Promise<void> {
  const { rowCount } = await sql.query(
    'update schedule set last = $3 where consumer = $1 and name = $2 and last < $3',
    [consumer, name, plannedAt],
  )
  if (rowCount === 0) throw moved('the tick is done already')
}

const moved = (message: string) => Object.assign(new Error(message), { code: 'JN001' })
