import { Cron } from 'croner'

/** A cron expression in a time zone, asked for the ticks of city time. */
export interface Ticks {
  /** The latest tick after `last` and not after `now`: missed ones before it are skipped. */
  due(last: Date, now: Date): Date | undefined
}

/** Reads a cron expression that stack.yml's reader has found valid; @throws on any other. */
export function cronTicks({ cron: expression, timezone }: { cron: string; timezone: string }): Ticks {
  const cron = new Cron(expression, { timezone, paused: true })
  // Polled many times a second: the next tick is worked out anew only when the last one changed.
  let memo: { last: number; next: number } | undefined
  return {
    due(last, now) {
      if (memo?.last !== last.getTime()) {
        memo = { last: last.getTime(), next: cron.nextRun(last)?.getTime() ?? Number.POSITIVE_INFINITY }
      }
      if (now.getTime() < memo.next) return undefined
      // The reference itself is not included.
      return cron.previousRuns(1, new Date(now.getTime() + 1))[0]
    },
  }
}
