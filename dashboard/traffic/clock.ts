/** Writes moments of city time as people of the city read them. */
export interface Clock {
  /** `08:15` */
  time(at: number): string
  /** `Thu 1 Mar 2012`, and nothing on the day that `now`, real time, lies in. */
  day(at: number, now: number): string | undefined
  /** `CET`, where the city's clocks show another time than the viewer's; else nothing. */
  zone(at: number): string | undefined
}

/** Makes the clock of a time zone; null stands for the viewer's own. */
export function clockOf(timeZone: string | null): Clock {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', timeZone === null ? options : { ...options, timeZone })
  const time = format({ hour: '2-digit', minute: '2-digit' })
  const day = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
  const named = format({ timeZoneName: 'short' })
  const local = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
  return {
    time: (at) => time.format(at),
    day: (at, now) => (day.format(at) === day.format(now) ? undefined : day.format(at).replace(',', '')),
    zone(at) {
      if (timeZone === null || local.format(at) === time.format(at)) return undefined
      return named.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value
    },
  }
}

/** The end of the window a moment lies in: when the next values are due. */
export const nextWindow = (at: number, windowMs: number): number => (Math.floor(at / windowMs) + 1) * windowMs

/** A span of time in the largest unit that fits: `40 s`, `12 min`, `3 h`, `2 days`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
