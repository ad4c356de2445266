import type { LogEvent, Slice } from '#shared/bus/port.ts'

/** Events of one partition that were read but not yet done, in order. */
export interface ReadAhead {
  /** The stored position: everything below is done. */
  readonly position: bigint
  /** Where reading goes on. */
  readonly readTo: bigint
  readonly held: number
  /** The first event at or after the position that was read. */
  readonly first: LogEvent | undefined
  /** Takes in what was read from `from` on; ignores it where reading goes on elsewhere by now. */
  add(from: bigint, slice: Slice): void
  /** A slice of at most so many events from the position on; undefined while nothing is held. */
  take(events: number): { first: bigint; next: bigint; events: LogEvent[] } | undefined
  /** Forgets what is below `position`; a position outside of what is held begins afresh. */
  moveTo(position: bigint): void
}

/** Holds what was read ahead of a position. */
export function readAhead(position: bigint): ReadAhead {
  let events: LogEvent[] = []
  let readTo = position
  return {
    get position() {
      return position
    },
    get readTo() {
      return readTo
    },
    get held() {
      return events.length
    },
    get first() {
      return events[0]
    },
    add(from, slice) {
      if (from !== readTo) return
      events = events.length === 0 ? slice.events : events.concat(slice.events)
      readTo = slice.next
    },
    take(count) {
      const taken = events.slice(0, count)
      const last = taken.at(-1)
      if (last === undefined) return undefined
      return { first: position, next: taken.length === events.length ? readTo : last.offset + 1n, events: taken }
    },
    moveTo(next) {
      if (next < position || next > readTo) {
        events = []
        readTo = next
      } else {
        const kept = events.findIndex((event) => event.offset >= next)
        events = kept < 0 ? [] : events.slice(kept)
      }
      position = next
    },
  }
}
