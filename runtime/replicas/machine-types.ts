/** The bounds one function's replicas live in; times in ms of a monotonic clock. */
export interface Limits {
  min: number
  max: number
  /** How many a function that wakes has at least until it sleeps again; undefined = 1. */
  awake?: number | undefined
  /** Most calls one replica works on at once; streams do not count. */
  concurrency: number
  idleMs: number
  maxWaiting: number
  maxWaitMs: number
  /** A replica not ready after this long is killed. */
  startMs: number
  /** How long calls must fill all replicas before one more starts. */
  saturatedMs: number
  /** Crashes without an answer in between before the pauses begin, their first length and their longest. */
  freeCrashes: number
  firstPauseMs: number
  maxPauseMs: number
}

export type Rejection = 'full' | 'timeout' | 'stopped'

/** What the owner of the processes must do, at once and in this order. */
export type Command =
  | { do: 'start'; replica: number }
  | { do: 'route'; call: number; replica: number }
  | { do: 'reject'; call: number; reason: Rejection }
  | { do: 'drain'; replica: number }
  | { do: 'kill'; replica: number }
