import type { Ticks } from './cron.ts'
import type { TickSource } from './tick-source.ts'
import type { ConnectorOptions } from './types.ts'

/** One consumer's alarms, and its schedule if it has one. */
export interface Ticking {
  consumer: string
  /** Whether this connector is the one that calls for them now. */
  mine(): boolean
  alarms?: TickSource
  schedule?: { ticks: Ticks; source: TickSource }
}

/** The name of the one schedule a function of stack.yml has. */
const SCHEDULE = 'schedule'

/** Looks for the alarms and schedule ticks that are due in city time; answers whether any of it is new. */
export type LookForDue = (lookedAt: number) => Promise<boolean>

/**
 * Prepares the look at the tables of alarms and schedules: one query for all consumers. Schedules tick up to `lastTick`, if
 * there is one.
 */
export function lookForDue(
  ticking: () => Ticking[],
  { database, clock, lastTick }: Pick<ConnectorOptions, 'database' | 'clock' | 'lastTick'>,
): LookForDue {
  /** A schedule seen for the first time starts now: its past ticks are nobody's. */
  async function firstSeen(consumer: string, now: Date): Promise<void> {
    await database.query('insert into schedule (consumer, name, last) values ($1, $2, $3) on conflict do nothing', [
      consumer,
      SCHEDULE,
      now,
    ])
  }

  return async (lookedAt) => {
    const all = ticking()
    const own = all.filter((one) => one.mine())
    for (const { alarms, schedule } of all.filter((one) => !own.includes(one))) {
      alarms?.offer([], lookedAt)
      schedule?.source.offer([], lookedAt)
    }
    if (own.length === 0) return false
    const alarming = own.filter((one) => one.alarms).map((one) => one.consumer)
    const names = own.filter((one) => one.schedule).map((one) => one.consumer)
    const now = await clock.now()
    const { rows } = await database.query<{ kind: 'alarm' | 'schedule'; consumer: string; at: Date; stamp: string }>(
      `select 'alarm' as kind, consumer, at, xmin::text as stamp from alarm where consumer = any($1) and at <= $2
       union all select 'schedule', consumer, last, '' from schedule where consumer = any($3) and name = $4`,
      [alarming, now, names, SCHEDULE],
    )
    let any = false
    for (const { consumer, alarms, schedule } of own) {
      const found = rows.filter((row) => row.consumer === consumer)
      const due = found.filter((row) => row.kind === 'alarm')
      if (alarms?.offer(due, lookedAt)) any = true
      if (schedule === undefined) continue
      const last = found.find((row) => row.kind === 'schedule')?.at
      if (last === undefined) await firstSeen(consumer, now)
      const tick = last && schedule.ticks.due(last, earlier(now, lastTick))
      if (schedule.source.offer(tick ? [{ at: tick }] : [], lookedAt)) any = true
    }
    return any
  }
}

const earlier = (now: Date, end: Date | undefined): Date => (end !== undefined && end < now ? end : now)
