/** Counts the calls of a function as they come and go; two additions a call, and no memory. */
export const createMeter = () => {
  let arrivals = 0
  let open = 0
  let area = 0
  let since = 0

  const advance = (now: number): void => {
    area += open * (now - since)
    since = now
  }

  return {
    /** A call came in: from here it is load, also while it waits. */
    arrived(now: number): void {
      advance(now)
      arrivals++
      open++
    },
    /** It is over, or has become a stream. */
    left(now: number): void {
      advance(now)
      open--
    },
    /** Calls that came in, ever. */
    arrivals: () => arrivals,
    /** Calls in flight now. */
    open: () => open,
    /** Seconds that calls have been in flight, ever: its growth in a second is how many were, on average. */
    callSeconds(now: number): number {
      advance(now)
      return area / 1000
    },
  }
}

export type Meter = ReturnType<typeof createMeter>
