import type { StackFunction } from '../stack/types.ts'
import type { Limits } from './machine.ts'

const DEFAULT_CONCURRENCY = 400

/** The bounds of a function's replicas. */
export const limitsOf = ({ scale, environment }: StackFunction, idleMs: number): Limits => ({
  ...{ min: scale.min, max: scale.max, awake: scale.awake },
  concurrency: Number(environment.max_inflight) || DEFAULT_CONCURRENCY,
  idleMs: scale.idleMs ?? idleMs,
  maxWaiting: 20_000,
  maxWaitMs: 30_000,
  startMs: 30_000,
  saturatedMs: 1_000,
  freeCrashes: 5,
  firstPauseMs: 1_000,
  maxPauseMs: 60_000,
})

/** What its replicas follow the load by, where its labels say so. */
export const loadRuleOf = ({ scale: { min, max, awake = 1, load } }: StackFunction) =>
  load && { rule: load, bounds: { min: Math.max(1, min, awake), max } }

const UNITS: Record<string, number> = { Mi: 1, Gi: 1024, M: 0.954, G: 954 }

/** Three quarters of the memory limit for the heap of JavaScript; the rest is for buffers and code. */
export const memoryOptions = (memory: string | undefined): string[] => {
  const [, amount, unit = ''] = /^(\d+)(Mi|Gi|M|G)$/.exec(memory ?? '') ?? []
  return amount ? [`--max-old-space-size=${Math.floor(Number(amount) * (UNITS[unit] ?? 1) * 0.75)}`] : []
}
