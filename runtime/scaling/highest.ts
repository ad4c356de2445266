/** Tells the highest of what was recommended within a window: so replicas go only when nobody has wanted them for so long. */
export const createHighest = (windowMs: number) => {
  /** Falling from the first to the last: what a newer, higher one outlives is forgotten. */
  let seen: { at: number; replicas: number }[] = []
  return {
    /** Takes a recommendation and says what follows. */
    take(replicas: number, now: number): number {
      while ((seen.at(-1)?.replicas ?? Number.POSITIVE_INFINITY) <= replicas) seen.pop()
      seen.push({ at: now, replicas })
      while ((seen[0]?.at ?? now) < now - windowMs) seen.shift()
      return (seen[0] as { replicas: number }).replicas
    },
    forget(): void {
      seen = []
    },
  }
}
