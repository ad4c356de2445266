import type { TrafficState } from '#shared/contracts/traffic.ts'
import type { HttpContext } from '#shared/function/define.ts'
import { type Outlet, openOutlet } from './outlet.ts'
import { keepRecent, type Recent } from './recent.ts'
import { heartbeat, message, reset, retry } from './sse.ts'

const TOPIC = 'traffic.states'

/** Windows that ended longer ago than this are history, which a backfill may bring by the thousand: not told live. */
const PAST_MS = 60 * 60_000

/** How much is kept, and how often a quiet stream shows that it lives. */
export interface LiveLimits {
  heartbeatMs: number
  /** Messages kept in memory, at least, for those who come back. */
  recent: number
  /** Messages read again from the log for one who comes back; who missed more is told to read the status anew. */
  replay: bigint
  /** Bytes a client may be behind. */
  behind: number
}

const LIMITS: LiveLimits = { heartbeatMs: 15_000, recent: 1000, replay: 100_000n, behind: 2 << 20 }

/** The state changes of the city as event streams: one tail of the log serves all clients of the process. */
export interface Live {
  /** `last` is the offset of the last message the client has seen. */
  open(last: bigint | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

/** One shared tail, from its first client to its last. */
interface Run {
  recent: Recent
  clients: Set<Outlet>
  /** Those of the clients that have caught up. */
  current: Set<Outlet>
  /** Messages read but not sent yet. */
  batch: Uint8Array[]
  stop: AbortController
}

/** Makes the live stream; the log is read only while somebody listens. */
export function openLive(
  source: Pick<HttpContext, 'tail' | 'end' | 'now' | 'draining' | 'log'>,
  limits: LiveLimits = LIMITS,
): Live {
  let running: Promise<Run> | undefined

  const isPast = async ({ windowEnd }: TrafficState): Promise<boolean> =>
    Date.parse(windowEnd) < (await source.now()).getTime() - PAST_MS

  const start = async (): Promise<Run> => {
    const next = await source.end(TOPIC)
    const recent = keepRecent(next, limits.recent)
    const run: Run = { recent, clients: new Set(), current: new Set(), batch: [], stop: new AbortController() }
    void spread(run)
    return run
  }

  const finish = (run: Run) => {
    if (run.stop.signal.aborted) return
    run.stop.abort()
    running = undefined
    flush(run)
    for (const client of run.clients) client.end(retry())
  }

  /** Reads the log for all; when that ends, every client ends and comes back by itself. */
  const spread = async (run: Run) => {
    const drain = () => finish(run)
    source.draining.addEventListener('abort', drain, { once: true })
    const beat = setInterval(() => {
      for (const client of run.clients) client.send(heartbeat)
    }, limits.heartbeatMs)
    try {
      for await (const event of source.tail(TOPIC, run.recent.next, run.stop.signal)) {
        if (await isPast(event.data)) {
          run.recent.skip(event.offset)
          continue
        }
        const chunk = message('state', JSON.stringify(event.data), event.offset)
        run.recent.add(event.offset, chunk)
        // What one read brings goes out as one chunk.
        if (run.batch.push(chunk) === 1) setImmediate(flush, run)
      }
    } catch (error) {
      if (!run.stop.signal.aborted) source.log.warn({ err: error }, 'reading traffic.states failed: event streams end')
    } finally {
      clearInterval(beat)
      source.draining.removeEventListener('abort', drain)
      finish(run)
    }
  }

  /** Brings a client that comes back up to the shared tail: from memory, else from the log at the client's own pace. */
  const catchUp = async (run: Run, client: Outlet, last: bigint) => {
    let next = last + 1n
    if (next > run.recent.next || run.recent.next - next > limits.replay) {
      client.send(reset)
      next = run.recent.next
    }
    if (next < run.recent.from) {
      for await (const event of source.tail(TOPIC, next, client.closed)) {
        if (event.offset > next) client.send(reset)
        if (!(await isPast(event.data))) client.send(message('state', JSON.stringify(event.data), event.offset))
        next = event.offset + 1n
        if (next >= run.recent.from) break
        await client.taken()
      }
    }
    join(run, client, next)
  }

  return {
    async open(last, signal) {
      running ??= start()
      const run = await running.catch((error: unknown) => {
        running = undefined
        throw error
      })
      const client = openOutlet(limits.behind)
      client.send(retry())
      if (signal.aborted || source.draining.aborted || run.stop.signal.aborted) {
        client.end()
        if (run.clients.size === 0) finish(run)
        return client.body
      }
      run.clients.add(client)
      const end = () => client.end(retry())
      signal.addEventListener('abort', end, { once: true })
      client.closed.addEventListener('abort', () => {
        signal.removeEventListener('abort', end)
        run.clients.delete(client)
        run.current.delete(client)
        if (run.clients.size === 0) finish(run)
      })
      if (last === undefined) join(run, client, run.recent.next)
      else
        catchUp(run, client, last).catch((error: unknown) => {
          if (client.closed.aborted) return
          source.log.warn({ err: error }, 'reading traffic.states again for a client failed')
          client.end(retry())
        })
      return client.body
    },
  }
}

/** Sends what the run has read to every client that is up to date. */
function flush(run: Run): void {
  if (run.batch.length === 0) return
  const chunk = Buffer.concat(run.batch)
  run.batch = []
  for (const client of run.current) client.send(chunk)
}

/** From `next` on the client gets what everybody gets. */
function join(run: Run, client: Outlet, next: bigint): void {
  if (client.closed.aborted) return
  flush(run)
  for (const chunk of run.recent.since(next)) client.send(chunk)
  run.current.add(client)
}
