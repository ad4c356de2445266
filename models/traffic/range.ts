/** The whole numbers from one on and before another, or every so many of them. */
export const range = (from: number, until: number, every = 1): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((until - from) / every)) }, (_, i) => from + i * every)
