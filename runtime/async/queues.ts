import type { Depth } from './calls.ts'
import { createWindow, type Window } from './window.ts'

/** One function's queue as this process sees it. */
export interface Queue {
  key: string
  window: Window
  inFlight: number
  /** When a call of it may be due; times are of `now`. */
  dueAt: number
  /** As of the last look, and what was left here since. */
  pending: number
  bytes: number
  /** The oldest of what nobody takes, and since when nobody does. */
  stuck: { at: number; since: number } | undefined
}

/** The queues of all functions that had something to do. */
export interface Queues {
  of(key: string): Queue
  all(): Iterable<Queue>
  /** Takes over what the database says. */
  looked(depths: Depth[]): void
  /** What may be claimed now, so many of each function at most. */
  asks(): Ask[]
  /** When there is something to claim without anything else happening. */
  nextDue(): number
}

/** What may be claimed of one function. */
export interface Ask {
  function: string
  most: number
  /** Nobody has the function: only what has been due for so long is to be claimed, and to end. */
  forsakenForMs: number | undefined
}

/** After so long without anybody who takes its calls a function is taken to be gone everywhere. */
const FORSAKEN_MS = 600_000
/** Calls of such a function that end at a time. */
const MOST_ENDED = 50
/** Two looks at one instant differ by less. */
const BLUR_MS = 1_000
/** Bodies of one claim of one function, unless a single one is larger. */
const MOST_CLAIMED_BYTES = 8 << 20

/**
 * Makes the queues; `capacity` is how many calls the replicas of a function take now, undefined where it is not deployed
 * here: another runtime on the database may have it, so that its calls are left alone until they seem to be nobody's.
 */
export const createQueues = (capacity: (key: string) => number | undefined, now: () => number): Queues => {
  const queues = new Map<string, Queue>()
  const of = (key: string): Queue => {
    const known = queues.get(key)
    if (known) return known
    const window = createWindow(() => capacity(key) ?? MOST_ENDED, now)
    const nothing = { inFlight: 0, dueAt: Number.POSITIVE_INFINITY, pending: 0, bytes: 0, stuck: undefined }
    const made: Queue = { key, window, ...nothing }
    queues.set(key, made)
    return made
  }
  const most = ({ window, inFlight, pending, bytes }: Queue): number => {
    const free = window.free(inFlight)
    const each = bytes / Math.max(1, pending + inFlight)
    return Math.min(free, Math.max(1, Math.floor(MOST_CLAIMED_BYTES / Math.max(1, each))))
  }
  const isForsaken = ({ stuck }: Queue): boolean =>
    stuck !== undefined && now() - Math.max(stuck.since, stuck.at) >= FORSAKEN_MS
  const isOurs = (queue: Queue): boolean => capacity(queue.key) !== undefined || isForsaken(queue)
  /** Whoever takes calls of it takes the oldest ones. */
  const watch = (queue: Queue, at: number): void => {
    const { stuck } = queue
    if (capacity(queue.key) !== undefined) queue.stuck = undefined
    else if (!stuck || at > now()) queue.stuck = { at, since: now() }
    else if (at > stuck.at + BLUR_MS && !isForsaken(queue)) queue.stuck = { at, since: now() }
  }
  return {
    of,
    all: () => queues.values(),
    looked(depths) {
      const seen = new Map(depths.map((depth) => [depth.function, depth]))
      for (const depth of depths) of(depth.function)
      for (const [key, queue] of queues) {
        const depth = seen.get(key)
        queue.pending = depth?.pending ?? 0
        queue.bytes = depth?.bytes ?? 0
        if (depth) {
          watch(queue, now() + depth.dueInMs)
          queue.dueAt = Math.min(queue.dueAt, now() + depth.dueInMs)
        } else if (queue.inFlight === 0) queues.delete(key)
        else queue.stuck = undefined
      }
    },
    asks: () =>
      [...queues.values()]
        .filter((queue) => queue.dueAt <= now() && isOurs(queue))
        .map((queue) => {
          const forsakenForMs = capacity(queue.key) === undefined ? FORSAKEN_MS : undefined
          return { function: queue.key, most: most(queue), forsakenForMs }
        })
        .filter((ask) => ask.most > 0),
    nextDue: () => {
      let next = Number.POSITIVE_INFINITY
      for (const queue of queues.values()) {
        if (!isOurs(queue)) continue
        // With nothing free, an end of a call is what to wait for.
        const open = Math.max(queue.dueAt, queue.window.pausedUntil())
        if (open > now() || queue.window.free(queue.inFlight) > 0) next = Math.min(next, open)
      }
      return next
    },
  }
}
