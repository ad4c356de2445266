import type { ConnectorMetrics } from './metrics.ts'
import { backoffMs } from './retry.ts'
import type { Source } from './source.ts'
import type { Time } from './types.ts'
import type { Verdict } from './verdict.ts'

/** The due instants of one alarm or schedule of a consumer, called one at a time. */
export interface TickSource extends Source {
  /** What was due when a look at the tables began (`Time.now`); true if some of it is new. */
  offer(due: Date[], lookedAt: number): boolean
  due(): string[]
}

/** What a tick source needs. */
export interface TickOptions {
  consumer: string
  call(plannedAt: Date): Promise<Verdict>
  report(verdict: Verdict): void
  metrics: ConnectorMetrics
  time: Time
}

interface Tick {
  plannedAt: Date
  failures: number
  notBefore: number
  /** Answered, but perhaps still in the table when it was last looked at. */
  doneAt: number | undefined
}

/** Creates a source without anything due; a tick is over once it no longer stands in its table. */
export function createTickSource({ consumer, call, report, metrics, time }: TickOptions): TickSource {
  const ticks = new Map<number, Tick>()
  let inFlight: Tick | undefined

  const waiting = () => [...ticks.values()].filter((tick) => tick.doneAt === undefined)

  function postponeTick(tick: Tick, retryAfterMs?: number): void {
    tick.notBefore = time.now() + backoffMs(tick.failures++, time.random(), retryAfterMs)
    tick.doneAt = undefined
  }

  return {
    offer(due, lookedAt) {
      const listed = new Set(due.map((plannedAt) => plannedAt.getTime()))
      for (const [key, tick] of ticks) {
        if (tick === inFlight || (tick.doneAt !== undefined && tick.doneAt > lookedAt)) continue
        if (!listed.has(key)) ticks.delete(key)
        // Answered 200 without its row being taken: trying on at full speed would help nobody.
        else if (tick.doneAt !== undefined) postponeTick(tick)
      }
      const added = due.filter((plannedAt) => !ticks.has(plannedAt.getTime()))
      for (const plannedAt of added) {
        ticks.set(plannedAt.getTime(), { plannedAt, failures: 0, notBefore: 0, doneAt: undefined })
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
        if (verdict.kind === 'done') tick.doneAt = time.now()
        else postponeTick(tick, 'retryAfterMs' in verdict ? verdict.retryAfterMs : undefined)
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
