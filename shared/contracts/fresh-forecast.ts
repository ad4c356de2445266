const TICK_MS = 5 * 60_000

/**
 * For how many milliseconds after its window began a forecast is told: three windows, and never so short that one of the
 * clock's ticks, which come every five minutes at best, may not be late or fail.
 */
export const freshFor = (windowMs: number): number => Math.max(3 * windowMs, windowMs + 2 * TICK_MS)
