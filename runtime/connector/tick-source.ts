import type { Logger } from 'pino'
import type { ConnectorMetrics } from './metrics.ts'
import { backoffMs } from './retry.ts'
import type { Source } from './source.ts'
import type { TickKind } from './tick-call.ts'
import type { Time } from './types.ts'
import type { Verdict } from './verdict.ts'

/** An instant that is due. */
export interface Due {
  at: Date
  /** Another one where it was asked for anew, like an alarm for what a call has left over. */
  stamp?: string
}

/** The due instants of one alarm or schedule of a consumer, called one at a time. */
export interface TickSource extends Source {
  /** What was due when a look at the tables began (`Time.now`); true if some of it is new. */
  offer(due: Due[], lookedAt: number): boolean
  due(): string[]
}

/** What a tick source needs. */
export interface TickOptions {
  consumer: string
  kind: TickKind
  call(plannedAt: Date): Promise<Verdict>
  report(verdict: Verdict): void
  metrics: ConnectorMetrics
  time: Time
  log: Logger
}

/** Failures of one tick until somebody has to look. */
const ALARM_AFTER = 10

interface Tick {
  plannedAt: Date
  stamp: string | undefined
  failures: number
  notBefore: number
  /** Answered, but perhaps still in the table when it was last looked at. */
  doneAt: number | undefined
}

/** Creates a source without anything due; a tick is over once it no longer stands in its table. */
export function createTickSource(options: TickOptions): TickSource {
  const { consumer, kind, call, report, metrics, time, log } = options
  const ticks = new Map<number, Tick>()
  let inFlight: Tick | undefined
  let failing = false
  let given = false

  const waiting = () => [...ticks.values()].filter((tick) => tick.doneAt === undefined)

  function postponeTick(tick: Tick, retryAfterMs?: number): void {
    tick.notBefore = time.now() + backoffMs(tick.failures++, time.random(), retryAfterMs)
    tick.doneAt = undefined
  }

  /** Such a tick is tried for ever, so it is said once when that begins, and once when it is over. */
  function failed(tick: Tick, error: string): void {
    if (!failing) {
      const what = { consumer, plannedAt: tick.plannedAt, error }
      log.warn(what, `${consumer} fails at its ${kind} of ${tick.plannedAt.toISOString()}, it is tried on: ${error}`)
    }
    failing = true
    if (given || tick.failures + 1 < ALARM_AFTER) return
    given = true
    log.error(
      { alarm: 'tick_failing', consumer, plannedAt: tick.plannedAt, error },
      `${consumer} has failed ${ALARM_AFTER} times at its ${kind} of ${tick.plannedAt.toISOString()}: ${error}`,
    )
  }

  function taken(tick: Tick): void {
    if (failing) log.info({ consumer, plannedAt: tick.plannedAt }, `${consumer} takes its ${kind}s again`)
    failing = false
    given = false
  }

  return {
    offer(due, lookedAt) {
      const listed = new Map(due.map((one) => [one.at.getTime(), one]))
      for (const [key, tick] of ticks) {
        if (tick === inFlight || (tick.doneAt !== undefined && tick.doneAt > lookedAt)) continue
        const still = listed.get(key)
        if (still === undefined || (tick.doneAt !== undefined && still.stamp !== tick.stamp)) {
          ticks.delete(key)
          if (tick.doneAt !== undefined) taken(tick)
        } else if (tick.doneAt === undefined) tick.stamp = still.stamp
        else {
          // Trying on at full speed would help nobody.
          failed(tick, 'it answered 200 and did not take it')
          postponeTick(tick)
        }
      }
      const added = due.filter(({ at }) => !ticks.has(at.getTime()))
      for (const { at, stamp } of added) {
        ticks.set(at.getTime(), { plannedAt: at, stamp, failures: 0, notBefore: 0, doneAt: undefined })
      }
      return added.length > 0
    },
    due: () => waiting().map((tick) => tick.plannedAt.toISOString()),
    readyAt: () => Math.min(...waiting().map((tick) => tick.notBefore), Number.POSITIVE_INFINITY),
    async run() {
      const tick = waiting().sort((a, b) => a.notBefore - b.notBefore)[0]
      if (tick === undefined) return
      inFlight = tick
      try {
        const verdict = await call(tick.plannedAt)
        metrics.calls.inc({ consumer, outcome: verdict.kind })
        report(verdict)
        if (verdict.kind !== 'done') metrics.tickFailures.inc({ consumer, kind })
        if (verdict.kind === 'done') {
          tick.doneAt = time.now()
          return
        }
        // What pauses or stops the consumer as a whole is told by its gate.
        if (verdict.kind === 'whole') failed(tick, verdict.error)
        postponeTick(tick, 'retryAfterMs' in verdict ? verdict.retryAfterMs : undefined)
      } finally {
        inFlight = undefined
      }
    },
    pardon() {
      for (const tick of ticks.values()) tick.notBefore = 0
    },
    postpone(until) {
      for (const tick of ticks.values()) tick.notBefore = Math.max(tick.notBefore, until)
    },
  }
}
