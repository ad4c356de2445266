/** A wall clock of one time zone: turns local times into instants. */
export interface LocalClock {
  /**
   * The instant a wall clock showed `local` (`2012-03-01T00:00:00`, or with a zone of its own). Of the two instants of a
   * repeated hour it takes the first that is not before `after`; a time that was skipped lies as far behind the jump.
   */
  instant(local: string, after?: Date): Date
  /** What the clock shows at an instant, as if it were UTC: both in ms since 1970. */
  wall(instantMs: number): number
  /** Hour of the day, 0..23, of an instant on that clock. */
  hour(at: Date): number
  /** Day of the week, 0 (Sunday) to 6, of an instant on that clock. */
  weekday(at: Date): number
}

const DAY_MS = 86_400_000
const LOCAL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/
const ZONED = /(Z|[+-]\d\d:?\d\d)$/

/** Opens the clock of an IANA time zone; throws RangeError for a zone that does not exist. */
export const localClock = (timeZone: string): LocalClock => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const wall = (instantMs: number): number => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instantMs)) part[type] = Number(value)
    const { year = 0, month = 1, day, hour, minute, second } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1000) + 1000) % 1000)
  }
  const instantsOf = (wallMs: number): number[] => {
    const offsets = [wallMs - DAY_MS, wallMs + DAY_MS].map((near) => wall(near) - near)
    const instants = [...new Set(offsets)].map((offset) => wallMs - offset).filter((at) => wall(at) === wallMs)
    return instants.length > 0 ? instants.sort((a, b) => a - b) : [wallMs - (offsets[0] ?? 0)]
  }
  return {
    instant(local, after) {
      if (ZONED.test(local) && !Number.isNaN(Date.parse(local))) return new Date(local)
      const wallMs = LOCAL.test(local) ? Date.parse(`${local.replace(' ', 'T')}Z`) : Number.NaN
      if (Number.isNaN(wallMs)) throw new RangeError(`'${local}' is no time; write it as 2012-03-01T00:00:00`)
      const instants = instantsOf(wallMs)
      return new Date(instants.find((at) => after === undefined || at >= after.getTime()) ?? instants[0] ?? wallMs)
    },
    wall,
    hour: (at) => new Date(wall(at.getTime())).getUTCHours(),
    weekday: (at) => new Date(wall(at.getTime())).getUTCDay(),
  }
}

/** A step between rows: its days follow the wall clock (a day may have 23 or 25 hours), its time is exact. */
export interface Step {
  days: number
  ms: number
}

/** Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds; months and years have no fixed length. */
export const parseStep = (text: string): Step => {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text)
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (match?.slice(1) ?? []).map((n) => Number(n ?? 0))
  const step = { days: weeks * 7 + days, ms: hours * 3_600_000 + minutes * 60_000 + Math.round(seconds * 1000) }
  if (step.days === 0 && step.ms === 0) throw new RangeError(`'${text}' is no step; write it as PT5M, PT1H or P1D`)
  return step
}

/** The instant of row `n` of a series that starts at a local time and goes on in equal steps. */
export const rowInstant = (clock: LocalClock, start: string, step: Step, n: number): Date => {
  if (step.days === 0) return new Date(clock.instant(start).getTime() + n * step.ms)
  const zone = ZONED.exec(start)?.[0] ?? ''
  const startWall = Date.parse(`${start.slice(0, start.length - zone.length).replace(' ', 'T')}Z`)
  const day = new Date(startWall + n * step.days * DAY_MS).toISOString().slice(0, -1)
  return new Date(clock.instant(`${day}${zone}`).getTime() + n * step.ms)
}
