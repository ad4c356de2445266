import type { LogEvent, ReadLimits, Slice } from './port.ts'

/** What was fetched of one partition and not read yet. */
export interface Inlet {
  /** Where fetching goes on; undefined before the first read. */
  readonly fetchTo: bigint | undefined
  readonly full: boolean
  /** Enough was read for more to be fetched. */
  readonly low: boolean
  /** Whether a read from there goes on in what is held, or at its end. */
  holds(offset: bigint): boolean
  /** Forgets everything: fetching begins anew at `offset`. */
  start(offset: bigint): void
  /** Forgets everything: the next read must start anew. */
  lose(): void
  /** Takes what was fetched from `fetchTo` up to `next`; offsets between them may have no event. */
  add(events: LogEvent[], next: bigint): void
  /** Only where `holds(offset)`; without events `next` is the end of the hole that begins there. */
  take(offset: bigint, limits: ReadLimits): Slice
}

// About what two slices hold: the first is being delivered while the second waits.
const FULL = { events: 2_000, bytes: 2 << 20 }
const OVERHEAD = 200

const sizeOf = ({ data, key, id }: LogEvent): number => data.byteLength + key.length + id.length + OVERHEAD

/** Holds nothing until it is started. */
export function createInlet(): Inlet {
  let events: LogEvent[] = []
  let bytes = 0
  /** Where the reader goes on; what is held begins there. */
  let readFrom = 0n
  let fetchTo: bigint | undefined

  const fillsUp = (share: number) => events.length >= FULL.events * share || bytes >= FULL.bytes * share

  function drop(count: number): void {
    for (let i = 0; i < count; i++) bytes -= sizeOf(events[i] as LogEvent)
    events = events.slice(count)
  }

  return {
    get fetchTo() {
      return fetchTo
    },
    get full() {
      return fillsUp(1)
    },
    get low() {
      return !fillsUp(0.5)
    },
    holds: (offset) => fetchTo !== undefined && offset >= readFrom && offset <= fetchTo,
    start(offset) {
      drop(events.length)
      readFrom = offset
      fetchTo = offset
    },
    lose() {
      drop(events.length)
      fetchTo = undefined
    },
    add(fetched, next) {
      for (const event of fetched) bytes += sizeOf(event)
      events = events.concat(fetched)
      fetchTo = next
    },
    take(offset, limits) {
      const done = events.findIndex((event) => event.offset >= offset)
      drop(done < 0 ? events.length : done)
      let count = 0
      let size = 0
      for (const event of events.slice(0, limits.events)) {
        size += sizeOf(event)
        if (count > 0 && size > limits.bytes) break
        count++
      }
      const taken = events.slice(0, count)
      drop(count)
      const last = taken.at(-1)
      const next = last === undefined || events.length === 0 ? (fetchTo as bigint) : last.offset + 1n
      readFrom = last === undefined ? offset : next
      return { events: taken, next }
    },
  }
}
