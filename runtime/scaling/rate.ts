const SLOTS = 16

/** How quickly a total that only grows has grown over a sliding window: some samples of it, and nothing for what it counts. */
export const createRate = (windowMs: number) => {
  const totals = new Float64Array(SLOTS)
  const times = new Float64Array(SLOTS)
  let first = 0
  let length = 0

  return {
    /** Begins anew with the total as it stands. */
    restart(total: number, now: number): void {
      first = 0
      length = 1
      totals[0] = total
      times[0] = now
    },
    /** Growth in a second, since the oldest sample that the window still needs. */
    sample(total: number, now: number): number {
      // The one before the window's begin stays: without it the window would be too short.
      while (length > 1 && (times[(first + 1) % SLOTS] as number) <= now - windowMs) {
        first = (first + 1) % SLOTS
        length--
      }
      if (length === SLOTS) {
        first = (first + 1) % SLOTS
        length--
      }
      const since = now - (times[first] as number)
      const grown = total - (totals[first] as number)
      const last = (first + length) % SLOTS
      totals[last] = total
      times[last] = now
      length++
      return since > 0 ? (grown * 1000) / since : 0
    },
  }
}
