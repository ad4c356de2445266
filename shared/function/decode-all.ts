import { findTopic, type TopicName } from '#shared/contracts/topics.ts'
import type { DeadLetter } from '#shared/state/dead-letter.ts'
import type { FunctionDefinition, InputEvent, UnitContext, UnitResult } from './define.ts'
import { deadLetterOf, decodeEvent, decodeForeign, type ReceivedEvent, RejectedEvent } from './receive.ts'

/** A received event after decoding: an event for the handler, or the dead letter it became. */
export interface DecodedEvent {
  received: ReceivedEvent
  event?: InputEvent
  deadLetter?: DeadLetter
}

/** What a function takes of what reaches it. */
export type Takes = Pick<FunctionDefinition, 'consumes' | 'onEvents' | 'onForeign'>

/** Decodes each event alone; what fails, or is of a topic not consumed, is permanent and becomes a dead letter. */
export function decodeAll(
  events: ReceivedEvent[],
  host: { consumer: string; version: string },
  takes: Takes,
): DecodedEvent[] {
  return events.map((received) => {
    try {
      if (isForeign(received, takes)) return { received, event: decodeForeign(received) }
      if (!takes.consumes?.includes(received.topic as TopicName)) {
        throw new RejectedEvent('invalid', `${host.consumer} does not consume ${received.topic.slice(0, 64)}`)
      }
      return { received, event: decodeEvent(received) }
    } catch (error) {
      const rejected = error as RejectedEvent
      return { received, deadLetter: deadLetterOf(received, rejected, rejected.reason, host) }
    }
  })
}

/** Gives decoded events of one topic to the handler they are for. */
export const hand = async (
  takes: Takes,
  events: InputEvent[],
  context: UnitContext,
): Promise<UnitResult | undefined> =>
  events[0] !== undefined && isForeign(events[0], takes)
    ? takes.onForeign?.(events, context)
    : takes.onEvents?.(events as never, context)

const isForeign = ({ topic }: { topic: string }, { onForeign }: Takes): boolean =>
  onForeign !== undefined && findTopic(topic) === undefined
