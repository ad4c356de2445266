import type { Acceptance } from '#shared/contracts/accept.ts'
import { formatInstant, parseInstant } from '#shared/contracts/instant.ts'
import type { Settings } from '#shared/function/define.ts'

/** By what a message is held: city time, like a reading that is posted now. */
export const acceptanceOf = (
  now: Date,
  { acceptPastMs, acceptFutureMs }: Pick<Settings, 'acceptPastMs' | 'acceptFutureMs'>,
): Acceptance => ({
  ...{ now: now.getTime(), receivedAt: now.toISOString(), acceptPastMs, acceptFutureMs },
  historical: false,
  ifTooOld: 'ACCEPT_PAST says how old a reading may be',
  // Whoever may write to the topic speaks for all that is on it.
  speaksFor: () => true,
})

/**
 * When a reading counts as received: at the time of its message, so that neither a backlog nor a second delivery makes it
 * late. That time is the word of the producer (CreateTime or ce_time) unless the broker sets its own, and a replay has a
 * clock of its own: it is taken for no earlier than the observation and no later than city time.
 */
export function receivedAt(time: string | undefined, observedAt: string, now: Date): string {
  const cityTime = now.getTime()
  const taken = (time === undefined ? undefined : parseInstant(time)) ?? cityTime
  return formatInstant(Math.min(Math.max(taken, Date.parse(observedAt)), cityTime))
}
