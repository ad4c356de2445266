/** Readings a forecast is made from. */
export const LAGS = 12
/** More missing readings than these say too little of the last hour. */
const MOST_MISSING = 3
/** The newest reading may be this many steps old. */
const OLDEST = 1

/**
 * Fills the gaps of one sensor's window, newest last, in place: a missing reading takes the one before it, leading ones
 * the first there is. Says whether a forecast may be made from it; `width` is the distance from a reading to the next.
 */
export const carryWindow = (readings: Float32Array, at: number, width: number): boolean => {
  let missing = 0
  let first = -1
  let newest = -1
  for (let lag = 0; lag < LAGS; lag++) {
    const place = at + lag * width
    if (!Number.isNaN(readings[place])) {
      if (first < 0) first = lag
      newest = lag
      continue
    }
    missing += 1
    if (newest >= 0) readings[place] = readings[place - width] as number
  }
  for (let lag = 0; lag < first; lag++) readings[at + lag * width] = readings[at + first * width] as number
  return missing <= MOST_MISSING && newest >= LAGS - 1 - OLDEST
}

/** From now to what is forecast, in minutes. */
const HORIZONS = [15, 30, 45, 60]
const MINUTE_MS = 60_000

/** How many steps ahead are forecast: an hour. */
export const stepsAhead = (stepMs: number): number => Math.max(1, Math.round((60 * MINUTE_MS) / stepMs))

/** The steps that are published: the first at or after 15, 30, 45 and 60 minutes, each once. */
export const horizonsOf = (stepMs: number): { minutes: number; step: number }[] => {
  const steps = new Set(
    HORIZONS.map((minutes) => Math.min(Math.ceil((minutes * MINUTE_MS) / stepMs), stepsAhead(stepMs))),
  )
  return [...steps].map((step) => ({ minutes: Math.round((step * stepMs) / MINUTE_MS), step }))
}
