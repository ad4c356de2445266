import { setTimeout as sleep } from 'node:timers/promises'
import type { PostOutcome } from './front-door.ts'

/** What is to be sent when city time reaches an instant: readings, or what a broken device sends for one. */
export interface FeedStep<R = object> {
  at: Date
  readings: R[]
}

/** City time as a client knows it. */
export interface FeedClock {
  now(): Date
  /** City seconds a real second; above 0. */
  speed: number
}

/** How far a feed has come. */
export interface FeedProgress {
  /** Instant of the newest readings sent; undefined before the first. */
  at: Date | undefined
  accepted: number
  refused: number
  firstRefusal: string | undefined
  retries: number
  /** Steps left out because they lay too far before the clock. */
  skipped: number
  /** Readings accepted a second of real time, since the start. */
  rate: number
  /** City time that passed since the newest readings were due, in ms. */
  behindMs: number
  /** How much of the history is there, 0 to 1; left out where none is posted or all is there. */
  history?: number
}

/** A part of city time: all of what is due in it is posted, however late, as received when it was due. */
export interface FeedSpan {
  from: Date
  /** Not part of it. */
  to: Date
}

/** What a feed is made of. */
export interface FeedOptions<R> {
  steps: AsyncIterable<FeedStep<R>>
  clock: FeedClock
  post(readings: R[], signal: AbortSignal, received?: Date): Promise<PostOutcome>
  span?: FeedSpan | undefined
  onProgress?(progress: FeedProgress): void
  signal: AbortSignal
}

/** What lies further back would only count as late. */
export const CATCH_UP_MS = 10 * 60_000
const BATCH = 250
const LONGEST_SLEEP_MS = 10_000

/** Posts each step when city time reaches it; resolves at the end of the data or of the span, or when aborted. */
export const runFeed = async <R>(options: FeedOptions<R>): Promise<FeedProgress> => {
  const { steps, clock, post, span, onProgress, signal } = options
  const began = performance.now()
  const from = span?.from.getTime() ?? clock.now().getTime() - CATCH_UP_MS
  const sent = { accepted: 0, refused: 0, retries: 0, skipped: 0 }
  let at: Date | undefined
  let firstRefusal: string | undefined
  let waiting: R[] = []

  const progress = (): FeedProgress => ({
    at,
    ...sent,
    firstRefusal,
    rate: sent.accepted / Math.max(0.001, (performance.now() - began) / 1000),
    behindMs: at === undefined ? 0 : Math.max(0, clock.now().getTime() - at.getTime()),
  })
  const flush = async () => {
    for (let start = 0; start < waiting.length; start += BATCH) {
      const outcome = await post(waiting.slice(start, start + BATCH), signal, span && at)
      sent.accepted += outcome.accepted
      sent.refused += outcome.refused
      sent.retries += outcome.retries
      firstRefusal ??= outcome.firstRefusal
    }
    waiting = []
    onProgress?.(progress())
  }

  try {
    for await (const step of steps) {
      if (step.at.getTime() < from) {
        sent.skipped += 1
        continue
      }
      if (span && step.at >= span.to) break
      if (clock.now() < step.at && waiting.length > 0) await flush()
      for (let now = clock.now(); now < step.at; now = clock.now()) {
        const wait = (step.at.getTime() - now.getTime()) / clock.speed
        await sleep(Math.min(Math.ceil(wait), LONGEST_SLEEP_MS), undefined, { signal })
      }
      at = step.at
      waiting.push(...step.readings)
      if (span || waiting.length >= BATCH) await flush()
    }
    await flush()
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return progress()
}
