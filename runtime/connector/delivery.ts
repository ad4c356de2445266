import type { Bus, LogEvent } from '#shared/bus/port.ts'
import type { Caller } from './caller.ts'
import { childTrace, encodeBinary, encodeSlice } from './encode.ts'
import type { FunctionSpec } from './types.ts'
import { judgeSingle, judgeSlice, type Verdict } from './verdict.ts'

/** What was sent and what came of it. */
export interface Delivered {
  events: LogEvent[]
  first: bigint
  next: bigint
  verdict: Verdict
}

/** How the events of one kind of function travel. */
export interface Delivery {
  /** Events of a call at most. */
  batch: number
  /** The connector moves the position, not the function's unit of work. */
  movesPosition: boolean
  /** Sends as many of the events as one call may carry. */
  send(slice: { first: bigint; next: bigint; events: LogEvent[] }, attempt: number): Promise<Delivered>
}

/** Bytes of the body of one call, unless a single event is larger. */
export const MAX_BODY = 1024 * 1024

/** Junction's own protocol: a slice that names its position. */
export function sliceDelivery(spec: FunctionSpec, logOf: Bus['logOf'], token: string, call: Caller): Delivery {
  return {
    batch: spec.batch,
    movesPosition: false,
    async send({ first, next: end, events: offered }, attempt) {
      const { body, sizes, count } = encodeSlice(offered, MAX_BODY)
      const events = count < offered.length ? offered.slice(0, count) : offered
      const head = events[0] as LogEvent
      const next = count < offered.length ? (events.at(-1) as LogEvent).offset + 1n : end
      const outcome = await call(
        {
          'content-type': 'application/cloudevents-batch+json',
          authorization: `Bearer ${token}`,
          'junction-log': await logOf(head.topic),
          'junction-topic': head.topic,
          'junction-partition': String(head.partition),
          'junction-first': first.toString(),
          'junction-next': next.toString(),
          'junction-attempt': String(attempt),
          'junction-deadline-ms': String(spec.execTimeoutMs),
          'junction-sizes': sizes,
          // A slice of many events belongs to no trace of theirs.
          traceparent: childTrace(count === 1 ? head.attributes.traceparent : undefined),
        },
        body,
      )
      return { events, first, next, verdict: judgeSlice(outcome, { first, next }) }
    },
  }
}

/** Foreign functions: one binary-mode CloudEvent a call, without any credential of Junction's. */
export function foreignDelivery(call: Caller): Delivery {
  return {
    batch: 1,
    movesPosition: true,
    async send({ first, events: [event] }) {
      const sent = event as LogEvent
      const { headers, body } = encodeBinary(sent)
      const traceparent = childTrace(sent.attributes.traceparent)
      const outcome = await call({ ...headers, 'x-topic': sent.topic, traceparent }, body)
      const next = sent.offset + 1n
      return { events: [sent], first, next, verdict: judgeSingle(outcome, { first, next }) }
    },
  }
}
