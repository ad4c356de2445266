import type { LocalClock } from '#shared/dataset/local-time.ts'

/** How many trips of each kind the town makes, as a share of those of a full rush hour. */
export interface Demand {
  /** From home to work. */
  morning: number
  /** From work home. */
  evening: number
  /** To shops, schools, friends, and with goods. */
  other: number
}

const bump = (hour: number, peak: number, width: number): number => Math.exp(-(((hour - peak) / width) ** 2))

const SATURDAY = 6
const FRIDAY = 5

/** The demand at an instant, by the town's own clock: two rushes on a weekday, a long afternoon at the weekend. */
export const demandAt = (clock: LocalClock, at: Date): Demand => {
  const hour = clock.hour(at) + (at.getTime() % 3_600_000) / 3_600_000
  const day = clock.weekday(at)
  const night = 0.1 + 0.22 * bump(hour, 20.2, 2.8)
  if (day === 0 || day === SATURDAY) {
    const busy = day === SATURDAY ? 0.66 : 0.52
    return { morning: 0.03, evening: 0.03, other: night + busy * bump(hour, day === SATURDAY ? 12.4 : 15.2, 4.4) }
  }
  const home = day === FRIDAY ? 15.8 : 16.9
  return {
    morning: 0.02 + 0.95 * bump(hour, 7.5, 1.05),
    evening: 0.02 + 0.85 * bump(hour, home, 1.6),
    other: night + 0.56 * bump(hour, 12.8, 4.6),
  }
}
