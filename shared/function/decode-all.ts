import type { DeadLetter } from '#shared/state/dead-letter.ts'
import type { InputEvent } from './define.ts'
import { deadLetterOf, decodeEvent, type ReceivedEvent, RejectedEvent } from './receive.ts'

/** A received event after decoding: an event for the handler, or the dead letter it became. */
export interface DecodedEvent {
  received: ReceivedEvent
  event?: InputEvent
  deadLetter?: DeadLetter
}

/** Decodes each event alone; what fails, or is of a topic not consumed, is permanent and becomes a dead letter. */
export function decodeAll(
  events: ReceivedEvent[],
  host: { consumer: string; version: string },
  consumes: readonly string[] = [],
): DecodedEvent[] {
  return events.map((received) => {
    try {
      if (!consumes.includes(received.topic)) {
        throw new RejectedEvent('invalid', `${host.consumer} does not consume ${received.topic.slice(0, 64)}`)
      }
      return { received, event: decodeEvent(received) }
    } catch (error) {
      const rejected = error as RejectedEvent
      return { received, deadLetter: deadLetterOf(received, rejected, rejected.reason, host) }
    }
  })
}
