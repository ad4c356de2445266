import type { DeadLetter } from '#shared/state/dead-letter.ts'
import { classify, eventStatus } from './classify.ts'
import { type DecodedEvent, decodeAll, hand } from './decode-all.ts'
import { inboxId } from './inbox.ts'
import { deadLetterOf, type ReceivedEvent } from './receive.ts'
import { publicMessage } from './reply-failure.ts'
import type { SliceTools } from './slice-work.ts'

/** Events brought without a position: their claim is an inbox marker, one unit of work each. */
export interface SingleCall {
  events: ReceivedEvent[]
  /** Put in front of the marker, so that no caller can claim another's event; none for the connector, as in a slice. */
  principal: string | undefined
  /** The caller ignores statuses, so a permanent failure is kept as a dead letter and answered as done. */
  ignoresStatus: boolean
}

/** A permanent failure the caller is told of: which event, and why. */
export interface Refusal {
  index: number
  status: number
  code: string
  message: string
}

/** Works the events off in order; answers the refused ones, throws what may be tried again. */
export async function workSingles(call: SingleCall, tools: SliceTools): Promise<Refusal[]> {
  const refusals: Refusal[] = []
  for (const [index, decoded] of (await decodeAll(call.events, tools)).entries()) {
    const refusal = decoded.deadLetter ? refused(decoded.deadLetter, 422) : await workOne(decoded, call, tools)
    if (refusal === undefined) continue
    if (call.ignoresStatus) await keep(refusal.deadLetter, tools)
    else refusals.push({ index, ...refusal.answer })
  }
  return refusals
}

interface Refused {
  deadLetter: DeadLetter
  answer: Omit<Refusal, 'index'>
}

const refused = (deadLetter: DeadLetter, status: number): Refused => ({
  deadLetter,
  answer: { status, code: deadLetter.errorClass, message: deadLetter.error },
})

async function workOne(
  { event, received }: DecodedEvent,
  call: SingleCall,
  tools: SliceTools,
): Promise<Refused | undefined> {
  const { definition, host, runUnit, signal, traceparent } = tools
  if (event === undefined) return undefined
  try {
    await runUnit(host, {
      events: [event],
      markers: [inboxId({ ...received, principal: call.principal })],
      deadLetters: [],
      run: (events, context) => hand(definition, events, context),
      signal,
      traceparent,
    })
    return undefined
  } catch (error) {
    const failure = classify(error)
    if (failure.retryable) throw error
    const described = { code: failure.code, message: publicMessage(error as Error) }
    return refused(deadLetterOf(received, described, failure.reason, host), eventStatus(failure))
  }
}

async function keep(deadLetter: DeadLetter, { host, runUnit, signal }: SliceTools): Promise<void> {
  await runUnit(host, { events: [], deadLetters: [deadLetter], run: async () => undefined, signal })
}
