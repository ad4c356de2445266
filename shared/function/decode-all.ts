import { findTopic, type TopicName } from '#shared/contracts/topics.ts'
import type { DeadLetter } from '#shared/state/dead-letter.ts'
import { classify } from './classify.ts'
import type { FunctionDefinition, InputEvent, OutputEvent, UnitContext, UnitResult } from './define.ts'
import { deadLetterOf, decodeEvent, decodeForeign, type ReceivedEvent, RejectedEvent } from './receive.ts'
import type { UnitHost } from './unit.ts'

/** A received event after decoding: an event for the handler, or the dead letter it became. */
export interface DecodedEvent {
  received: ReceivedEvent
  /** Its data are what the handler wants, or for a foreign topic the events that the message was mapped to. */
  event?: InputEvent
  deadLetter?: DeadLetter
}

/** Whether a function is one for events of this topic. */
export const takes = (topic: string, { consumes, map }: FunctionDefinition): boolean =>
  isForeign(topic) ? map !== undefined : consumes?.includes(topic as TopicName) === true

/** Decodes and maps each event alone; what fails for good, or is of a topic not taken, becomes a dead letter. */
export async function decodeAll(
  events: ReceivedEvent[],
  { definition, host }: { definition: FunctionDefinition; host: UnitHost },
): Promise<DecodedEvent[]> {
  const { map } = definition
  const mapping = map && { now: await host.clock.now(), settings: host.settings }
  const decode = (received: ReceivedEvent): InputEvent => {
    if (!takes(received.topic, definition))
      throw new RejectedEvent('invalid', `${host.consumer} does not consume ${received.topic.slice(0, 64)}`)
    if (!mapping || !isForeign(received.topic)) return decodeEvent(received)
    const message = decodeForeign(received)
    return { ...message, data: map(message, mapping) }
  }
  return events.map((received) => {
    try {
      return { received, event: decode(received) }
    } catch (error) {
      const failure = classify(error)
      if (failure.retryable) throw error
      return { received, deadLetter: deadLetterOf(received, error as Error, failure.reason, host) }
    }
  })
}

/** Gives decoded events of one topic to the handler, or gives back what they were mapped to. */
export async function hand(
  { onEvents }: FunctionDefinition,
  events: InputEvent[],
  context: UnitContext,
): Promise<UnitResult | undefined> {
  const [first] = events
  if (first === undefined) return undefined
  if (isForeign(first.topic)) return { events: events.flatMap(({ data }) => data as OutputEvent[]) }
  return onEvents?.(events as never, context)
}

const isForeign = (topic: string): boolean => findTopic(topic) === undefined
