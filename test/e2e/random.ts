/** Random numbers in [0, 1) that follow from a seed alone (mulberry32). */
export interface Random {
  next(): number
  /** A whole number in [0, n). */
  below(n: number): number
  pick<T>(from: readonly T[]): T
}

/** Makes the numbers of a seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  return { next, below, pick: (from) => from[below(from.length)] as never }
}
