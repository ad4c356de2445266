import { BusUnavailable, Overloaded, RefusedEvent } from './errors.ts'
import type { BusEvent } from './port.ts'

/** The bounds of one flush and of what may wait for one. */
export const flushLimits = { events: 1000, bytes: 1 << 20, waitingBytes: 8 << 20, eventBytes: 900 << 10 }

interface Waiting {
  events: BusEvent[]
  topics: Set<string>
  bytes: number
  resolve(): void
  reject(error: unknown): void
}

/**
 * Appends with one flush in flight; what arrives meanwhile is the next flush. A flush that fails for the data of one
 * caller (`isCulprit`) is halved until that caller is alone: one caller's event never fails another's. While the bus is
 * away nobody waits for a second flush to find that out: what was waiting for the same topics fails with the first. It may
 * be one topic alone that is sick: after a failure each goes by itself until it was stored.
 * Throws `RefusedEvent` for an event over 900 KiB and `Overloaded` when more than 8 MiB wait.
 */
export function groupCommit(flush: (events: BusEvent[]) => Promise<void>, isCulprit: (error: unknown) => boolean) {
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let flushing = false
  const suspects = new Set<string>()

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = takeBatch(waiting, suspects)
      waiting = waiting.slice(batch.length)
      await settle(batch)
      for (const caller of batch) waitingBytes -= caller.bytes
    }
    flushing = false
  }

  async function settle(batch: Waiting[]): Promise<void> {
    const topics = topicsOf(batch.flatMap((caller) => caller.events))
    try {
      await flush(batch.flatMap((caller) => caller.events))
      for (const topic of topics) suspects.delete(topic)
      for (const caller of batch) caller.resolve()
    } catch (error) {
      if (batch.length === 1 || !isCulprit(error)) {
        for (const caller of batch) caller.reject(error)
        if (!isCulprit(error)) for (const topic of topics) suspects.add(topic)
        if (error instanceof BusUnavailable) rejectWaiting(error, topics)
        return
      }
      const middle = batch.length >> 1
      await settle(batch.slice(0, middle))
      await settle(batch.slice(middle))
    }
  }

  function rejectWaiting(error: BusUnavailable, topics: Set<string>): void {
    const failed = new Set(waiting.filter((caller) => [...caller.topics].every((topic) => topics.has(topic))))
    waiting = waiting.filter((caller) => !failed.has(caller))
    for (const caller of failed) {
      waitingBytes -= caller.bytes
      caller.reject(error)
    }
  }

  return async (events: BusEvent[]): Promise<void> => {
    if (events.length === 0) return
    const bytes = events.reduce((sum, event) => sum + sizeOf(event), 0)
    if (waitingBytes > 0 && waitingBytes + bytes > flushLimits.waitingBytes) {
      throw new Overloaded('more than 8 MiB wait to be appended: try again later')
    }
    waitingBytes += bytes
    return new Promise<void>((resolve, reject) => {
      waiting.push({ events, topics: topicsOf(events), bytes, resolve, reject })
      if (flushing) return
      flushing = true
      // What is read from other connections in this turn goes along.
      setImmediate(drain)
    })
  }
}

/** Throws `RefusedEvent` if the event is larger than any bus of ours takes. */
export function sizeOf(event: BusEvent): number {
  const bytes = event.data.byteLength + event.id.length + event.key.length
  if (bytes > flushLimits.eventBytes) {
    throw new RefusedEvent('oversize', `event ${event.id.slice(0, 64)} has ${bytes} bytes; the limit is 900 KiB`)
  }
  return bytes
}

const topicsOf = (events: BusEvent[]): Set<string> => new Set(events.map(({ topic }) => topic))

// One caller's events stay together, however many: its answer is one.
function takeBatch(waiting: Waiting[], suspects: Set<string>): Waiting[] {
  const [first] = waiting as [Waiting]
  let events = 0
  let bytes = 0
  const end = waiting.findIndex((caller) => {
    events += caller.events.length
    bytes += caller.bytes
    return events > flushLimits.events || bytes > flushLimits.bytes || !goWell(first, caller, suspects)
  })
  return end === -1 ? waiting : waiting.slice(0, Math.max(1, end))
}

const goWell = ({ topics }: Waiting, other: Waiting, suspects: Set<string>): boolean =>
  [...suspects].every((topic) => topics.has(topic) === other.topics.has(topic))
