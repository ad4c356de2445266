import { BusUnavailable } from './errors.ts'
import { createInlet } from './inlet.ts'
import type { NatsClient } from './nats-connection.ts'
import { openPuller } from './nats-puller.ts'
import type { Stream } from './nats-streams.ts'
import type { ReadFrom, ReadLimits, Slice } from './port.ts'

/** Reads one partition on and on from where it was opened, a little ahead; of no use any more once it failed. */
export interface Reader {
  /** Whether a read from there goes on in what it has, or at its end. */
  serves(offset: bigint): boolean
  /** What is there, nothing at the end. Throws `BusUnavailable` where it does not serve the offset, or no longer. */
  read(offset: bigint, limits: ReadLimits): Promise<Slice>
  close(): void
}

/** What a reader is opened with. */
export interface ReaderOptions {
  client: NatsClient
  stream: Stream
  from: ReadFrom
  requestMs: number
  /** Throws where the stream does not reach from the offset on. */
  checkRange(offset: bigint): Promise<unknown>
}

const IDLE_MS = 60_000
const FETCH = { events: 500, bytes: 1 << 20 }

/** Opens a reader; nothing is fetched before its first read. */
export async function openReader({ client, stream, from, requestMs, checkRange }: ReaderOptions): Promise<Reader> {
  const puller = await openPuller(client, stream, from, { requestMs, idleMs: IDLE_MS })
  const inlet = createInlet()
  let usable = true
  let usedAt = performance.now()
  let atEnd = false
  let fetching: Promise<void> | undefined
  inlet.start(from.offset)

  async function fetchOnce(): Promise<void> {
    const start = inlet.fetchTo as bigint
    const { events, ended } = await puller.pull(FETCH)
    usedAt = performance.now()
    const next = (events.at(-1)?.offset ?? start - 1n) + 1n
    // What lies between two sequences is of other partitions, or was removed: only the stream knows.
    if (events.length === 0 || next - start > events.length) await checkRange(start)
    inlet.add(events, next)
    atEnd = ended
  }

  /** A failure leaves behind messages that are on their way: nothing is asked through this consumer again. */
  function fetch(): Promise<void> {
    fetching ??= fetchOnce()
      .catch((error) => {
        usable = false
        throw error
      })
      .finally(() => {
        fetching = undefined
      })
    return fetching
  }

  return {
    serves: (offset) =>
      usable &&
      !client.connection.isClosed() &&
      // The server forgets it soon.
      performance.now() - usedAt < IDLE_MS / 2 &&
      inlet.holds(offset),
    async read(offset, limits) {
      // One that was under way may have seen the end before what is there now.
      for (let fetches = fetching ? 2 : 1; ; fetches--) {
        if (!inlet.holds(offset)) {
          throw new BusUnavailable(`another read of ${from.topic}/${from.partition} has gone on from ${offset}`)
        }
        const slice = inlet.take(offset, limits)
        if (slice.events.length === 0 && fetches > 0) await fetch()
        else {
          if (inlet.low && !atEnd) fetch().catch(() => {})
          return slice
        }
      }
    },
    close() {
      usable = false
      puller.close()
    },
  }
}
