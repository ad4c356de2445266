import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Leases } from '#shared/bus/lease.ts'
import type { Bus } from '#shared/bus/port.ts'
import type { Clock } from '#shared/clock.ts'
import type { Database } from '#shared/state/database.ts'

/** What stack.yml says of one function, as far as delivery goes. */
export interface FunctionSpec {
  name: string
  /** Topics by Junction's own protocol (`city.junction.topics`). */
  topics: string[]
  /** The topic of a foreign function (`topic`): one CloudEvent a call, the connector moves its position. */
  foreignTopic: string | undefined
  /** In city time. */
  schedule: { cron: string; timezone: string } | undefined
  /** The schedule is a foreign function's: the connector moves `schedule.last`, and no credential is sent. */
  foreignSchedule: boolean
  /** Events of a slice at most, 1..1000. */
  batch: number
  /** How long to wait for a fuller slice, in milliseconds. */
  lingerMs: number
  /** Where a new consumer starts. */
  from: 'earliest' | 'latest'
  execTimeoutMs: number
}

/** One call of a function. */
export interface InvokeRequest {
  headers: Record<string, string>
  body: Buffer
  signal: AbortSignal
}

/** What came back; `via` is `platform` where the gateway itself answered. */
export interface InvokeAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  via: 'function' | 'platform'
}

/** Calls a function by name, through the same routing and waking as any other request. */
export type Invoke = (functionName: string, request: InvokeRequest) => Promise<InvokeAnswer>

/** Real time: backoff, deadlines and probes; tests give a faster one. */
export interface Time {
  /** Milliseconds since an arbitrary start, never going back. */
  now(): number
  /** Resolves after so many milliseconds, at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** 0 ≤ random < 1. */
  random(): number
}

/** Everything the connector needs. */
export interface ConnectorOptions {
  bus: Bus
  /** The log of PostgreSQL, where units of work append, if the bus is another: the relay forwards it. */
  relayed?: Bus
  database: Database
  /** For the alarms and schedules: one connector at a time calls for those of a function. */
  leases: Leases
  clock: Clock
  functions: FunctionSpec[]
  invoke: Invoke
  /** The secret `connector-key`. */
  token: string
  log: Logger
  metrics: Registry
  /** Calls of a function that may be in flight now: replicas times their pool for events. */
  maxInFlight(functionName: string): number
  /** Retention and future days of the log, once an hour; answers whether it is done, and never rejects. */
  housekeeping?: () => Promise<boolean>
  /** No schedule ticks for an instant after this one: else what follows from its ticks would never be worked off. */
  lastTick?: Date
  time?: Time
}
