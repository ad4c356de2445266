import type { LoadRule } from '../stack/types.ts'
import { createCpuTime } from './cpu.ts'
import type { Meter } from './meter.ts'
import { createRate } from './rate.ts'

/** Over so long a load is averaged, as in the alert rule of OpenFaaS CE. */
export const WINDOW_MS = 10_000

/** What a load is measured on. */
export interface LoadSources {
  meter: Meter
  pids(): number[]
  /** Asynchronous calls that wait for the function; undefined where nobody knows. */
  queueDepth(): number | undefined
}

/** The load of a function in the terms of its rule, over all its replicas. */
export interface Load {
  /** Begins to measure. */
  restart(now: number): void
  /** The load as it is now, averaged over what was measured. */
  sample(now: number): number
}

/** Makes the measurement that a type of load asks for. */
export const createLoad = (type: LoadRule['type'], { meter, pids, queueDepth }: LoadSources): Load => {
  if (type === 'queue') return { restart: () => {}, sample: () => queueDepth() ?? 0 }
  const rate = createRate(WINDOW_MS)
  const total = totalOf(type, meter, pids)
  return {
    restart: (now) => rate.restart(total(now), now),
    sample: (now) => rate.sample(total(now), now),
  }
}

/** What grows by one in a second for each call a second, call in flight or thousandth of a core. */
const totalOf = (type: 'rps' | 'capacity' | 'cpu', meter: Meter, pids: () => number[]): ((now: number) => number) => {
  if (type === 'rps') return () => meter.arrivals()
  if (type === 'capacity') return (now) => meter.callSeconds(now)
  const cpuTime = createCpuTime()
  return () => cpuTime(pids())
}
