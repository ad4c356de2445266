import type { Logger } from 'pino'
import { sizeOf } from '#shared/bus/group-commit.ts'
import type { Clock } from '#shared/clock.ts'
import type { Database } from '#shared/state/database.ts'
import { type DeadLetter, insertDeadLetters } from '#shared/state/dead-letter.ts'
import { logAppend } from '#shared/state/log-append.ts'
import type { Sql } from '#shared/state/sql.ts'
import { type LazyTransaction, lazyTransaction } from '#shared/state/transaction.ts'
import type { FailedPart, InputEvent, Settings, UnitContext, UnitResult } from './define.ts'
import { DeadlineError } from './errors.ts'
import { claimInbox } from './inbox.ts'
import { encodeOutput } from './output.ts'

/** What units of work of one function share. */
export interface UnitHost {
  consumer: string
  version: string
  database: Database
  clock: Clock
  settings: Settings
  log: Logger
}

/** One unit of work: one transaction over the events' effect, their outputs, their dead letters and the claim. */
export interface UnitOfWork {
  events: InputEvent[]
  /** Inbox ids of the events, in their order, where a marker is the claim. */
  markers?: string[]
  deadLetters: DeadLetter[]
  /** Moves what this unit stands for (a position, an alarm, a schedule); raises JN001 if somebody else did. */
  claim?(sql: Sql): Promise<void>
  run(events: InputEvent[], context: UnitContext): Promise<UnitResult | undefined>
  signal: AbortSignal
  traceparent?: string | undefined
}

/** Runs a unit of work to its COMMIT; a throw leaves nothing behind. */
export type RunUnit = (host: UnitHost, work: UnitOfWork) => Promise<void>

/**
 * Every unit takes its locks in one order: inbox markers, business tables, dead letters, position, alarm, and the log
 * last, whose partitions stay locked to the COMMIT.
 */
export const runUnit: RunUnit = async (host, work) => {
  if (work.signal.aborted) throw tooLate()
  const unit = lazyTransaction(host.database)
  try {
    // Whether a COMMIT cut off did its work the position tells whoever tries again.
    await withDeadline(
      steps(host, work, unit).then(async (letters) => {
        await unit.commit()
        tellDeadLetters(host, letters)
      }),
      work.signal,
    )
  } catch (error) {
    if (work.signal.aborted) unit.abandon()
    else await unit.rollback()
    throw error
  }
}

async function steps(host: UnitHost, work: UnitOfWork, { sql }: LazyTransaction): Promise<DeadLetter[]> {
  const now = await host.clock.now()
  const parts: FailedPart[] = []
  const context: UnitContext = {
    sql,
    now: () => now,
    settings: host.settings,
    log: host.log,
    signal: work.signal,
    deadLetter: (part) => void parts.push(part),
  }
  const events = work.markers ? await onlyNew(sql, host.consumer, work.events, work.markers) : work.events
  const nothingToDo = work.events.length > 0 && events.length === 0
  const result = nothingToDo ? undefined : await work.run(events, context)
  const outputs = (result?.events ?? []).map((output) =>
    encodeOutput(output, { function: host.consumer, traceparent: work.traceparent }),
  )
  // Throws for what is larger than any bus takes, before anything is written.
  for (const output of outputs) sizeOf(output)
  const letters = [...work.deadLetters, ...parts.map((part) => partLetter(host, part))]
  await insertDeadLetters(sql, letters)
  await work.claim?.(sql)
  if (result?.wakeAt) await setAlarm(sql, host.consumer, result.wakeAt, now)
  await logAppend(sql, outputs)
  return letters
}

// One line a unit: a slice can be nothing but rubbish.
function tellDeadLetters({ consumer, log }: UnitHost, letters: DeadLetter[]): void {
  const [first] = letters
  if (first === undefined) return
  const { topic, partition, eventId: event, errorClass: code, reason, error } = first
  const what = letters.length === 1 ? 'dead letter' : `${letters.length} dead letters, the first`
  log.error(
    { alarm: 'dead_letter', consumer, letters: letters.length, topic, partition, event, code, reason },
    `${what}: ${error}`,
  )
}

/** City time before an alarm is due from which on somebody may be at work on it. */
const SOON_MS = 10_000

// The unit at work on an alarm does not see this one, and would take away what this one asks for: it is stamped anew.
async function setAlarm(sql: Sql, consumer: string, at: Date, now: Date): Promise<void> {
  const again = at.getTime() <= now.getTime() + SOON_MS ? 'do update set at = excluded.at' : 'do nothing'
  await sql.query(`insert into alarm (consumer, at) values ($1, $2) on conflict (consumer, at) ${again}`, [
    consumer,
    at,
  ])
}

// Of two events with one marker in one slice the first counts.
async function onlyNew(sql: Sql, consumer: string, events: InputEvent[], markers: string[]): Promise<InputEvent[]> {
  const fresh = await claimInbox(sql, consumer, markers)
  return events.filter((_, i) => fresh.delete(markers[i] as string))
}

function partLetter(host: UnitHost, { event, part, reason, error, body }: FailedPart): DeadLetter {
  return {
    consumer: host.consumer,
    topic: event.topic,
    partition: event.partition,
    offset: event.offset,
    eventId: event.id,
    part,
    reason,
    errorClass: 'FailedPart',
    error,
    attempts: 1,
    functionVersion: host.version,
    headers: { source: event.source, type: event.type },
    body,
  }
}

const tooLate = () => new DeadlineError('the work was not done within its deadline')

function withDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(tooLate())
    signal.addEventListener('abort', late, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late))
  })
}
