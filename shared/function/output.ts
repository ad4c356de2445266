import { partitionOf } from '#shared/bus/partition.ts'
import type { BusEvent } from '#shared/bus/port.ts'
import { type Topic, topics } from '#shared/contracts/topics.ts'
import type { OutputEvent } from './define.ts'

/** A function gave an event that its topic's schema refuses. */
export class InvalidOutput extends Error {
  override name = 'InvalidOutput'
  code = 'unexpected'
}

/** Where an output comes from: goes into its CloudEvents attributes. */
export interface Origin {
  function: string
  traceparent?: string | undefined
}

/** Makes a function's output an event of its topic: id, key, type and time follow from the registry. */
export function encodeOutput(output: OutputEvent, origin: Origin): BusEvent {
  const topic = topics[output.topic] as Topic
  const parsed = topic.schema.safeParse(output.data)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InvalidOutput(`an event for ${output.topic} is not valid: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const key = topic.key(output.data)
  const attributes: Record<string, string> = {
    source: `/function/${origin.function}`,
    subject: key,
    time: topic.time(output.data),
  }
  if (origin.traceparent) attributes.traceparent = origin.traceparent
  return {
    topic: output.topic,
    partition: partitionOf(key, topic.partitions),
    key,
    id: topic.id(output.data),
    type: topic.type,
    attributes,
    data: Buffer.from(JSON.stringify(output.data)),
  }
}
