import { formatDuration } from './duration.ts'
import { formatInstant, parseInstant } from './instant.ts'
import { echo, type Fault } from './problem.ts'
import type { AcceptedReading } from './reading.ts'
import { readSent, toCanonical } from './sent-reading.ts'

/** By what readings are held: city time once, and how far from it an observation may lie. */
export interface Acceptance {
  /** City time, epoch milliseconds, and as `receivedAt` has it. */
  now: number
  receivedAt: string
  acceptPastMs: number
  acceptFutureMs: number
  /** History given as such has no past limit and counts as received when it was observed. */
  historical: boolean
  /** What whoever sends what is too old may do. */
  ifTooOld: string
  /** Whether the caller may send readings of this device. */
  speaksFor(device: string): boolean
}

const invalid = (errors: Fault['errors']): { fault: Fault } => ({
  fault: { code: 'invalid', message: 'the reading is not valid', errors },
})

const notYours = (device: string): { fault: Fault } => {
  const message = `this key may not speak for ${echo(device)}`
  return { fault: { code: 'identity_mismatch', message, errors: [{ path: '/device', message }] } }
}

const outOfRange = (message: string): { fault: Fault } => ({
  fault: { code: 'time_out_of_range', message, errors: [{ path: '/observedAt', message }] },
})

/** Makes what was sent an accepted reading, or says why not. */
export const accept = (value: unknown, acceptance: Acceptance): { reading: AcceptedReading } | { fault: Fault } => {
  const sent = readSent(value)
  if (Array.isArray(sent)) return invalid(sent)
  if (!acceptance.speaksFor(sent.device)) return notYours(sent.device)

  const instant = parseInstant(sent.observedAt)
  if (instant === undefined)
    return invalid([
      { path: '/observedAt', message: 'is not a date and time with a zone, like 2012-03-01T00:00:00-08:00' },
    ])
  const { now, receivedAt, acceptPastMs, acceptFutureMs, historical, ifTooOld } = acceptance
  if (instant > now + acceptFutureMs)
    return outOfRange(
      `is more than ${formatDuration(acceptFutureMs)} (ACCEPT_FUTURE) after city time, ${receivedAt}; set the clock of the device`,
    )
  if (!historical && instant < now - acceptPastMs)
    return outOfRange(
      `is more than ${formatDuration(acceptPastMs)} (ACCEPT_PAST) before city time, ${receivedAt}; ${ifTooOld}`,
    )

  const canonical = toCanonical(sent)
  if (Array.isArray(canonical)) return invalid(canonical)
  if (historical) canonical.quality.flags.push('historical')

  const observedAt = formatInstant(instant)
  const reading: AcceptedReading = {
    device: sent.device,
    observedAt,
    measures: canonical.measures,
    receivedAt: historical ? observedAt : receivedAt,
    quality: canonical.quality,
  }
  if (sent.seq !== undefined) reading.seq = sent.seq
  if (sent.location !== undefined) reading.location = sent.location
  if (canonical.original !== undefined) reading.original = canonical.original
  return { reading }
}
