/** How many calls of one function may be in flight: what its replicas can take, less while it says that this is too much. */
export interface Window {
  /** Calls that may begin now beside those in flight. */
  free(inFlight: number): number
  /** A call came through. */
  passed(): void
  /** The function has too much to do: half as many at a time, and none for a while. */
  throttled(inFlight: number, pauseMs: number): void
  /** When calls may begin again. */
  pausedUntil(): number
}

const LONGEST_PAUSE_MS = 60_000

/** Opens a window up to `capacity`; `now` in milliseconds. */
export const createWindow = (capacity: () => number, now: () => number): Window => {
  let width = Number.POSITIVE_INFINITY
  let until = 0
  return {
    free: (inFlight) => (now() < until ? 0 : Math.max(0, Math.floor(Math.min(width, capacity())) - inFlight)),
    passed: () => {
      width = width >= capacity() ? Number.POSITIVE_INFINITY : width + 1 / width
    },
    throttled: (inFlight, pauseMs) => {
      // The calls that were sent together are refused together: that is one sign, not many.
      if (now() >= until) width = Math.max(1, Math.floor(Math.min(width, inFlight) / 2))
      until = Math.max(until, now() + Math.min(pauseMs, LONGEST_PAUSE_MS))
    },
    pausedUntil: () => until,
  }
}
