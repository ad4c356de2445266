import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#shared/clock.ts'
import type { Sql } from '#shared/state/sql.ts'
import { UserError } from '../user-error.ts'
import type { FolderClock } from './city-clock.ts'
import type { FeedProcess } from './feed-process.ts'
import { checkStatesFile, writeStates } from './states-file.ts'

/** How long a start runs, and what it leaves behind. */
export interface SpanChoice {
  /** Seconds of real time. */
  for?: number
  export?: string
}

/** The part of city time a start lives through. */
export interface Span {
  from: Date
  to: Date
  /** Where its states are written to. */
  file: string | undefined
}

/** What the end of a span is seen by. */
export interface SpanEnd {
  clock: Clock
  speed: number
  feed: FeedProcess | undefined
  /** What is not worked off yet up to an instant, in a few words; undefined when all is. */
  unfinished(until: Date): Promise<string | undefined>
  sql: Sql
  lateAfterMs: number
  say(line: string): void
}

const LOOK_MS = 100
const TELL_MS = 10_000
const LONGEST_SLEEP_MS = 60_000

/** Checks what was asked for, before anything is started. */
export const checkSpan = async (
  choice: SpanChoice,
): Promise<{ seconds: number; file: string | undefined } | undefined> => {
  if (choice.for === undefined) {
    if (choice.export !== undefined) throw new UserError('--export wants to know when: give --for SECONDS, too')
    return undefined
  }
  return { seconds: choice.for, file: choice.export === undefined ? undefined : await checkStatesFile(choice.export) }
}

/** The span that begins with this start. */
export const spanOf = (
  { now, speed }: FolderClock,
  { seconds, file }: { seconds: number; file: string | undefined },
): Span => {
  if (speed === 0) throw new UserError('--for needs a clock that runs: give --speed a number above 0')
  return { from: now, to: new Date(now.getTime() + seconds * 1000 * speed), file }
}

/** Lives through a span to its end, until all that was accepted is worked off, and writes the states. */
export const liveThrough = async ({ to, file }: Span, end: SpanEnd, signal: AbortSignal): Promise<void> => {
  const { clock, speed, feed, sql, say } = end
  for (let left = 1; left > 0; ) {
    left = to.getTime() - (await clock.now()).getTime()
    if (left > 0) await sleep(Math.min(Math.ceil(left / speed), LONGEST_SLEEP_MS), undefined, { signal })
  }
  if (feed !== undefined && !(await abortable(feed.ended, signal)))
    throw new UserError('the feed has failed: there is nothing to compare')
  let toldAt = performance.now()
  for (;;) {
    const what = await end.unfinished(to).catch((error: Error) => error.message)
    if (what === undefined) break
    if (performance.now() - toldAt > TELL_MS) {
      toldAt = performance.now()
      say(`  working off what was accepted: ${what}`)
    }
    await sleep(LOOK_MS, undefined, { signal })
  }
  if (file === undefined) return
  const states = await writeStates(sql, file, new Date(to.getTime() - end.lateAfterMs))
  say(`  ${states.toLocaleString('en-US')} states in ${file}`)
}

const abortable = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((done, failed) => {
    const stop = () => failed(signal.reason)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    void promise.then(done, failed).finally(() => signal.removeEventListener('abort', stop))
  })
