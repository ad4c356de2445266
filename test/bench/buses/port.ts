import type { Bus, BusEvent } from '#shared/bus/port.ts'

/** A bus beside the bare loop of its client library, both on one server. */
export interface BusBeside {
  bus: Bus
  /** What BUS_URL is to be for the runtime to use it. */
  url: string
  /** Stores the events by the library alone, as durable as the bus does, `FLUSH` at a time. */
  publish(events: BusEvent[]): Promise<void>
  /** Reads the so many events that `publish` stored, once. */
  read(count: number): Promise<void>
  close(): Promise<void>
}

/** The bus that is measured, and how it is opened. */
export interface BusName {
  name: string
  open(): Promise<BusBeside>
}

/** The topic that is written and read. */
export const TOPIC = { topic: 'readings', partitions: 8, retentionDays: 7 }

/** Events of one request, as the bus sends at most. */
export const FLUSH = 1_000

/** In runs of `FLUSH`. */
export const runsOf = (events: BusEvent[]): BusEvent[][] =>
  Array.from({ length: Math.ceil(events.length / FLUSH) }, (_, i) => events.slice(i * FLUSH, (i + 1) * FLUSH))
