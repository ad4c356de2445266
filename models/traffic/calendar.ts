import { localClock } from '#shared/dataset/local-time.ts'

/** Where an instant lies in the local week. */
export interface LocalTime {
  /** Step of the local day, from 0. */
  slot: number
  /** Days since 1970-01-01 on the wall clock. */
  day: number
  weekend: boolean
  /** Share of the day that has passed, 0 to below 1. */
  dayShare: number
}

/** The local days of a time zone in equal steps. */
export interface Calendar {
  /** Steps of a day. */
  slots: number
  at(instantMs: number): LocalTime
}

export const DAY_MS = 86_400_000

/** Opens the calendar of a time zone; a slot is named by the wall clock, so a day of 23 or 25 hours shifts none. */
export const openCalendar = (timeZone: string, stepMs: number): Calendar => {
  const { wall } = localClock(timeZone)
  /** Wall clock minus UTC of each day of UTC; undefined where that changes within it. */
  const offsets = new Map<number, number | undefined>()
  const offsetOf = (day: number): number | undefined => {
    if (!offsets.has(day)) {
      const [first, last] = [day * DAY_MS, (day + 1) * DAY_MS].map((at) => wall(at) - at)
      offsets.set(day, first === last ? first : undefined)
    }
    return offsets.get(day)
  }
  return {
    slots: Math.ceil(DAY_MS / stepMs),
    at(instantMs) {
      const offset = offsetOf(Math.floor(instantMs / DAY_MS))
      const shown = offset === undefined ? wall(instantMs) : instantMs + offset
      const day = Math.floor(shown / DAY_MS)
      const passed = shown - day * DAY_MS
      // Day 0 was a Thursday.
      const weekday = (((day + 4) % 7) + 7) % 7
      return {
        slot: Math.floor(passed / stepMs),
        day,
        weekend: weekday === 0 || weekday === 6,
        dayShare: passed / DAY_MS,
      }
    },
  }
}
