const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Epoch milliseconds as `readings` carries an instant: UTC with three digits. */
export const formatInstant = (ms: number): string => new Date(ms).toISOString()

const isRealDate = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()

/**
 * Parses an RFC 3339 date-time to epoch milliseconds; undefined if it is none, lacks its zone, or names a date or
 * time that does not exist (2026-02-30, 24:00). Digits below a millisecond are cut.
 */
export const parseInstant = (text: string): number | undefined => {
  if (CANONICAL.test(text)) {
    const ms = Date.parse(text)
    return Number.isNaN(ms) || formatInstant(ms) !== text ? undefined : ms
  }
  const match = RFC3339.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const offsetHour = Number(match[9] ?? 0)
  const offsetMinute = Number(match[10] ?? 0)
  if (!isRealDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined
  if (offsetHour > 23 || offsetMinute > 59) return undefined
  const offset = (offsetHour * 60 + offsetMinute) * 60_000 * (match[8] === '-' ? -1 : 1)
  const fraction = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  // Date.UTC takes the years 0 to 99 for 1900 to 1999: the year is set by itself.
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second, fraction))
  date.setUTCFullYear(year, month - 1, day)
  const ms = date.getTime() - offset
  return ms >= MIN && ms <= MAX ? ms : undefined
}

const MIN = Date.parse('0000-01-01T00:00:00.000Z')
const MAX = Date.parse('9999-12-31T23:59:59.999Z')
