const RFC3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const MIN = Date.parse('0000-01-01T00:00:00.000Z')
const MAX = Date.parse('9999-12-31T23:59:59.999Z')

/** Epoch milliseconds as `readings` carries an instant: UTC with three digits. */
export const formatInstant = (ms: number): string => new Date(ms).toISOString()

// Date.parse takes 30 February for 2 March, so the day is looked at by itself.
const isRealDay = (text: string): boolean => {
  const day = Number(text.slice(8, 10))
  if (day <= 28) return true
  // Leap years repeat after 400; Date.UTC would take the years 0 to 99 for 1900 to 1999.
  const year = 2000 + (Number(text.slice(0, 4)) % 400)
  return day <= new Date(Date.UTC(year, Number(text.slice(5, 7)), 0)).getUTCDate()
}

/**
 * Parses an RFC 3339 date-time to epoch milliseconds; undefined if it is none, lacks its zone, or names a date or
 * time that does not exist (2026-02-30, 24:00). Digits below a millisecond are cut.
 */
export const parseInstant = (text: string): number | undefined => {
  if (!RFC3339.test(text) || !isRealDay(text)) return undefined
  const ms = Date.parse(text.toUpperCase())
  return ms >= MIN && ms <= MAX ? ms : undefined
}

/** Is this an instant as `formatInstant` writes it? */
export const isCanonicalInstant = (text: string): boolean => CANONICAL.test(text) && parseInstant(text) !== undefined
