import type { LoadRule } from '../stack/types.ts'
import { type Bounds, replicasFor } from './formula.ts'
import { createHighest } from './highest.ts'
import { type Load, WINDOW_MS } from './load.ts'
import type { Meter } from './meter.ts'

/** What a scaler looks at and drives. */
export interface Scaled {
  rule: LoadRule
  bounds: Bounds
  load: Load
  meter: Pick<Meter, 'arrivals' | 'open'>
  /** Replicas that serve or will, and calls that wait for one. */
  view(): { alive: number; waiting: number }
  recommend(replicas: number): void
}

/** Follows the load of one function while there is any. */
export interface Scaler {
  /** A call came in, or a replica starts. */
  wake(now: number): void
  stop(): void
}

const TICK_MS = 1_000

/**
 * Recommends a number of replicas once a second. It sleeps, and costs nothing, while the function does, and while it stands
 * at its minimum without calls. A measurement that has just begun takes no replica away before its window is full.
 */
export const createScaler = ({ rule, bounds, load, meter, view, recommend }: Scaled): Scaler => {
  const highest = createHighest(rule.downWindowMs)
  let timer: NodeJS.Timeout | undefined
  let begun = 0
  let seen = 0

  const sleep = (): void => {
    clearInterval(timer)
    timer = undefined
  }

  const tick = (): void => {
    const now = performance.now()
    const { alive, waiting } = view()
    if (alive + waiting === 0) {
      sleep()
      return
    }
    const needed = replicasFor(load.sample(now), rule, bounds)
    const held = Math.max(highest.take(needed, now), now - begun < WINDOW_MS ? Math.min(alive, bounds.max) : 0)
    recommend(held)
    const arrivals = meter.arrivals()
    const quiet = arrivals === seen && meter.open() === 0
    seen = arrivals
    if (quiet && held === bounds.min && alive === bounds.min) sleep()
  }

  return {
    wake(now) {
      if (timer !== undefined) return
      begun = now
      seen = -1
      highest.forget()
      load.restart(now)
      timer = setInterval(tick, TICK_MS)
    },
    stop: sleep,
  }
}
