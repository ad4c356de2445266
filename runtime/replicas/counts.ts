import type { createMachine } from './machine.ts'

/** The replicas of a function by what they do. */
export interface ReplicaCounts {
  starting: number
  ready: number
  /** Those that run and fail their readiness probe. */
  unready: number
  draining: number
  inflight: number
  waiting: number
  /** Crashes since the last answer, and ever. */
  crashes: number
  allCrashes: number
}

/** Counts what a machine sees. */
export const countsOf = (view: ReturnType<ReturnType<typeof createMachine>['view']>): ReplicaCounts => {
  const { replicas, waiting, crashes, allCrashes } = view
  const of = (phase: string) => replicas.filter((replica) => replica.phase === phase).length
  const inflight = replicas.reduce((sum, replica) => sum + replica.inflight, 0)
  const phases = { starting: of('starting'), ready: of('ready'), unready: of('unready'), draining: of('draining') }
  return { ...phases, inflight, waiting, crashes, allCrashes }
}
