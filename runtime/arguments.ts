import { InvalidArgumentError } from 'commander'
import { parseDuration } from '#shared/contracts/duration.ts'
import { localClock, parseStep } from '#shared/dataset/local-time.ts'
import { holdsPassword } from '#shared/secret.ts'

/** A number above 0. */
export const positive = (text: string): number => {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('it must be a number above 0.')
  return value
}

/** A number from 0. */
export const notNegative = (text: string): number => {
  const value = Number(text)
  if (text === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('it must be 0 or more.')
  return value
}

/** A number. */
export const anyNumber = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('it must be a number.')
  return value
}

/** A whole number from 1. */
export const whole = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('it must be a whole number from 1.')
  return Number(text)
}

/** A TCP port. */
export const port = (text: string): number => {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535)
    throw new InvalidArgumentError('it must be 1 to 65535.')
  return Number(text)
}

/** A URL of HTTP, without credentials. */
export const httpUrl = (text: string): string => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('it must be a URL, like http://127.0.0.1:8080.')
  const { username, password } = new URL(text)
  if (username || password) throw new InvalidArgumentError('it holds no user and no password: they are secret files.')
  return text
}

/** A URL of PostgreSQL, without its password. */
export const postgresUrl = (text: string): string => {
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('it must be a URL, like postgres://user@host/database.')
  if (holdsPassword(new URL(text)))
    throw new InvalidArgumentError('it holds no password: that is the secret database-password of the data folder.')
  return text
}

/** A rate: `50` or `50/s`. */
export const perSecond = (text: string): number => positive(text.replace(/\/s$/, ''))

/** An instant with its zone. */
export const instant = (text: string): Date => {
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('it must be an instant with its zone: 2012-03-01T06:00:00-08:00.')
  return new Date(text)
}

/** An IANA time zone. */
export const timeZone = (text: string): string => {
  try {
    localClock(text)
    return text
  } catch {
    throw new InvalidArgumentError('it must be an IANA time zone, like Europe/Vienna.')
  }
}

const FIVE_MINUTES = 300_000
const HOUR = 3_600_000

/** The length of a row in whole numbers of 5 minutes, up to an hour, as `10m` or `PT10M`; ms. */
export const rowLength = (text: string): number => {
  const length = () => (text.startsWith('PT') ? parseStep(text).ms : parseDuration(text))
  try {
    const ms = length()
    if (ms > 0 && ms <= HOUR && ms % FIVE_MINUTES === 0) return ms
  } catch {}
  throw new InvalidArgumentError('it must be 5 minutes or a multiple of them up to an hour, like 10m or PT10M.')
}
