import type { Hono } from 'hono'
import type { Logger } from 'pino'
import type { Mappings } from '#shared/contracts/mapping.ts'
import type { TopicData, TopicName } from '#shared/contracts/topics.ts'
import type { Sql } from '#shared/state/sql.ts'

/** A decoded and validated event, as a handler gets it. */
export interface InputEvent<T = unknown> {
  topic: string
  id: string
  source: string
  type: string
  /** Undefined where the caller gave no position. */
  partition?: number
  offset?: bigint
  time?: string
  subject?: string
  data: T
}

/** An event a function returns or emits: id, key, type and time follow from its topic. */
export type OutputEvent = { [N in TopicName]: { topic: N; data: TopicData<N> } }[TopicName]

/** What a unit of work gives back; `wakeAt` (city time) asks for one call of `onAlarm`. */
export interface UnitResult {
  events?: OutputEvent[]
  wakeAt?: Date | undefined
}

/** A part of an event that failed for good while the rest of it is fine. */
export interface FailedPart {
  event: InputEvent
  /** Names the part within the event: `line=17`. */
  part: string
  reason: 'decode' | 'validation' | 'oversize' | 'time_out_of_range' | 'identity_mismatch' | 'rejected_by_function'
  error: string
  body: Uint8Array
}

/** The settings of the city that handlers share; times in milliseconds. */
export interface Settings {
  windowMs: number
  lateAfterMs: number
  silentAfterMs: number
  acceptPastMs: number
  acceptFutureMs: number
  /** IANA name; UTC where it is not set. */
  timeZone?: string | undefined
  mapStyleUrl?: string | undefined
  mappings?: Mappings
}

/** What every handler of a unit of work gets: `sql` is the unit's transaction and opens at its first use. */
export interface UnitContext {
  sql: Sql
  /** City time, the same throughout one unit. */
  now(): Date
  settings: Settings
  log: Logger
  /** Aborted at the deadline. */
  signal: AbortSignal
  /** Keeps a failed part as a dead letter in this very unit. */
  deadLetter(part: FailedPart): void
}

/** What `map` gets: city time, the same throughout one slice. */
export interface MapContext {
  now: Date
  settings: Settings
}

/** A tick of a schedule or an alarm: the instant it was planned for, city time. */
export interface Tick {
  name: string
  plannedAt: Date
}

/** One event of `tail`, with where it lay. */
export interface TailEvent<T> {
  offset: bigint
  partition: number
  id: string
  data: T
}

/** Who calls a function over HTTP; under AUTH_MODE=dev everybody is an operator. */
export type Caller =
  | { role: 'operator' }
  /** `key` is the prefix of its key; it may speak for these devices alone. */
  | { role: 'device'; key: string; devices: string[] }
  | { role: 'anonymous' }

/**
 * The least role that each path of an HTTP function asks for: `{ '/api/roads/*': 'anonymous' }`. What is not named is for
 * operators. `own` leaves all callers, and whatever they send as Authorization, to the function.
 */
export type Access = 'own' | Record<string, Caller['role']>

/** Adds to a counter; `value` is that of its label. */
export type Count = (n: number, value?: string) => void

/** Says how things stand: one value for each set of labels, in the place of all that was said before. */
export type Stand = (values: { labels: Record<string, string>; value: number }[]) => void

/** What an HTTP function gets, once per process. */
export interface HttpContext {
  /** Resolves when the events are durable on the bus. */
  emit(events: OutputEvent[]): Promise<void>
  /** Effect and outputs in one transaction. */
  unit(work: (sql: Sql) => Promise<OutputEvent[]>): Promise<void>
  /** For reads, outside any transaction. */
  sql: Sql
  /** Follows a topic of one partition from an offset, or from its end; read-only, ends with the signal. */
  tail<N extends TopicName>(topic: N, from: bigint | 'end', signal: AbortSignal): AsyncIterable<TailEvent<TopicData<N>>>
  /** The offset the next event of a topic of one partition will get. */
  end(topic: TopicName): Promise<bigint>
  /** City time. */
  now(): Promise<Date>
  settings: Settings
  /** The folder of the files that are built beside this function. */
  assets: string
  /** Who sends this Authorization header; throws PermanentError 401 for a token nobody has. */
  caller(authorization: string | undefined): Promise<Caller>
  /** Aborted when this process begins to drain: streams end then. */
  draining: AbortSignal
  /** Runs the work when this process ends in order: behind its last answer, before it leaves PostgreSQL. */
  atExit(work: () => Promise<void>): void
  /** Opens a counter of /metrics, to be opened once a process; `junction_` comes before its name. */
  counter(name: string, help: string, label?: string): Count
  /** Opens a gauge of /metrics, likewise. */
  gauge(name: string, help: string, labels: string[]): Stand
  log: Logger
}

/** An event of one of the topics C, its data typed by the topic. */
export type ConsumedEvent<C extends TopicName> = { [N in C]: InputEvent<TopicData<N>> & { topic: N } }[C]

/** The kind of context onAlarm and onSchedule get beside their tick. */
type TickHandler = (tick: Tick, context: UnitContext) => Promise<UnitResult | undefined>

/** A function: what it consumes, produces and does. */
export interface FunctionDefinition<C extends TopicName = TopicName> {
  name: string
  consumes?: C[]
  produces?: TopicName[]
  /** The handler is not idempotent by natural key: the wrapper keeps an inbox marker for each event. */
  once?: boolean
  /** 1..1,000 validated events of one partition, in order. */
  onEvents?(events: ConsumedEvent<C>[], context: UnitContext): Promise<UnitResult | undefined>
  /**
   * The events that a message of a foreign topic, JSON that no schema has looked at, tells of. It has no effect, so that
   * what one message is refused for costs the others of its unit nothing.
   */
  map?(message: InputEvent, context: MapContext): OutputEvent[]
  onAlarm?: TickHandler
  onSchedule?: TickHandler
  /** Runs once, before the process is ready; a throw ends it with that reason. It may not count on PostgreSQL being there. */
  onStart?(context: HttpContext): Promise<void>
  /** Of a function that takes events or ticks, too, `POST /` is theirs where its headers say so. */
  http?(context: HttpContext): Hono
  /** Who may call `http` over which path. */
  access?: Access
}

/** Declares a function; retries belong to the caller, idempotency to the function. */
export const defineFunction = <C extends TopicName = TopicName>(
  definition: FunctionDefinition<C>,
): FunctionDefinition => definition as FunctionDefinition
