import type { Acceptance } from '#shared/contracts/accept.ts'
import { formatInstant, parseInstant } from '#shared/contracts/instant.ts'
import type { InputEvent, Settings } from '#shared/function/define.ts'

/**
 * By what a message is held. It counts as received when the broker took it, so that neither a backlog nor a second
 * delivery makes it late; where that is no recent city time (a replay has a clock of its own), now.
 */
export function acceptanceOf(
  { time = '' }: Pick<InputEvent, 'time'>,
  now: Date,
  { acceptPastMs, acceptFutureMs }: Pick<Settings, 'acceptPastMs' | 'acceptFutureMs'>,
): Acceptance {
  const cityTime = now.getTime()
  const taken = parseInstant(time) ?? cityTime
  const received = taken <= cityTime && taken >= cityTime - acceptPastMs ? taken : cityTime
  return {
    ...{ now: received, receivedAt: formatInstant(received), acceptPastMs, acceptFutureMs },
    historical: false,
    ifTooOld: 'ACCEPT_PAST says how old a reading may be',
    // Whoever may write to the topic speaks for all that is on it.
    speaksFor: () => true,
  }
}
