import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import { classify, type Failure } from './classify.ts'
import { type DecodedEvent, decodeAll, hand, takes } from './decode-all.ts'
import type { FunctionDefinition, InputEvent } from './define.ts'
import { inboxId } from './inbox.ts'
import { deadLetterOf, type ReceivedEvent } from './receive.ts'
import { operatorMessage } from './reply-failure.ts'
import type { RunUnit, UnitHost } from './unit.ts'

/** A run of consecutive events of one partition, and the positions it leads from and to. */
export interface Slice {
  log: string
  topic: string
  partition: number
  first: bigint
  next: bigint
  events: ReceivedEvent[]
}

/** What the connector is answered: everything below `next` is done. */
export interface SliceAnswer {
  next: bigint
  moved?: true
  failed?: { reason: string; error: string; retryable: true; scope?: 'world'; retryAfterMs?: number | undefined }
}

/** The call failed before any event of it was done, for a reason that names none of them. */
export class SliceFailed extends Error {
  override name = 'SliceFailed'
  failure: Failure
  constructor(failure: Failure, cause: unknown) {
    super((cause as Error).message, { cause })
    this.failure = failure
  }
}

/** What a slice is worked with. */
export interface SliceTools {
  definition: FunctionDefinition
  host: UnitHost
  runUnit: RunUnit
  signal: AbortSignal
  traceparent?: string | undefined
}

/**
 * Works a slice off in units of work. A throw rolls its unit back; then the slice is worked off in halves, each a unit
 * of its own that moves the position from where the last ended. A permanent culprit becomes a dead letter in the unit
 * that moves past it; a retryable one ends the prefix. Throws `SliceFailed` where no event is to blame.
 */
export async function workSlice(slice: Slice, tools: SliceTools): Promise<SliceAnswer> {
  if (!takes(slice.topic, tools.definition)) throw wrongTopic(slice.topic, tools)
  const decoded = await decodeAll(slice.events, tools)
  const pending = [{ from: 0, to: decoded.length }]
  let position = slice.first
  for (let range = pending.pop(); range !== undefined; range = pending.pop()) {
    const { from, to } = range
    const next = to === decoded.length ? slice.next : offsetOf(decoded[to])
    const events = decoded.slice(from, to)
    const outcome = await attempt(slice, events, position, next, tools)
    if (outcome === undefined) {
      position = next
      continue
    }
    const { failure, error } = outcome
    if (failure.code === 'moved') return { next: await storedPosition(slice, tools), moved: true }
    const namesNobody = failure.scope === 'world' || failure.code === 'configuration' || failure.code === 'deadline'
    if (namesNobody && position === slice.first) throw new SliceFailed(failure, error)
    const buried = decoded[from]?.deadLetter !== undefined
    if (namesNobody || (events.length === 1 && (failure.retryable || buried)))
      return prefix(position, failure, error as Error)
    if (events.length === 1) {
      decoded[from] = bury(decoded[from] as DecodedEvent, error, failure, tools)
      pending.push(range)
      continue
    }
    const middle = (from + to) >> 1
    pending.push({ from: middle, to }, { from, to: middle })
  }
  return { next: slice.next }
}

// Wrong wiring: the topic's events may be right ones, that another deployment of the function is to have.
const wrongTopic = (topic: string, { host }: SliceTools): SliceFailed =>
  misconfigured(
    `${host.consumer} does not take ${topic}: its city.junction.topics in stack.yml and its handler.ts do not agree`,
  )

const offsetOf = (decoded: DecodedEvent | undefined): bigint => decoded?.received.offset as bigint

const prefix = (next: bigint, failure: Failure, error: Error): SliceAnswer => ({
  next,
  failed: {
    reason: failure.code,
    error: operatorMessage(error, failure),
    retryable: true,
    ...(failure.scope === 'world' ? { scope: failure.scope } : {}),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  },
})

async function attempt(
  slice: Slice,
  decoded: DecodedEvent[],
  first: bigint,
  next: bigint,
  { definition, host, runUnit, signal, traceparent }: SliceTools,
): Promise<{ failure: Failure; error: unknown } | undefined> {
  const good = decoded.filter((one) => one.event !== undefined)
  const events = good.map((one) => one.event as InputEvent)
  try {
    await runUnit(host, {
      events,
      ...(definition.once ? { markers: good.map(({ received }) => inboxId(received)) } : {}),
      deadLetters: decoded.flatMap((one) => one.deadLetter ?? []),
      claim: (sql) => claimPosition(sql, host.consumer, slice, first, next),
      run: (events, context) => hand(definition, events, context),
      signal,
      traceparent,
    })
    return undefined
  } catch (error) {
    const failure = classify(error)
    host.log.warn(
      { topic: slice.topic, partition: slice.partition, first, next, code: failure.code, err: error },
      'unit failed',
    )
    return { failure, error }
  }
}

function bury(one: DecodedEvent, error: unknown, failure: Failure, { host }: SliceTools): DecodedEvent {
  const described = error as { name?: string; message: string }
  return {
    received: one.received,
    deadLetter: deadLetterOf(
      one.received,
      { ...described, code: failure.code, message: described.message },
      failure.reason,
      host,
    ),
  }
}

async function claimPosition(sql: Sql, consumer: string, slice: Slice, first: bigint, next: bigint): Promise<void> {
  await sql.query('select position_claim($1, $2, $3, $4, $5, $6)', [
    consumer,
    slice.log,
    slice.topic,
    slice.partition,
    first.toString(),
    next.toString(),
  ])
}

/** The stored position; no row at all means the connector has not made it: a fault of the configuration. */
async function storedPosition(slice: Slice, { host }: SliceTools): Promise<bigint> {
  const { rows } = await transaction(host.database, (sql) =>
    sql.query<{ next: string }>(
      'select next from position where consumer = $1 and log = $2 and topic = $3 and partition = $4',
      [host.consumer, slice.log, slice.topic, slice.partition],
    ),
  )
  const [row] = rows
  if (row) return BigInt(row.next)
  throw misconfigured(`${host.consumer} has no position in ${slice.topic}/${slice.partition}`)
}

function misconfigured(message: string): SliceFailed {
  const error = Object.assign(new Error(message), { code: 'configuration' })
  return new SliceFailed(classify(error), error)
}
