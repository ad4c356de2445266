import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ATTEMPT_MS, bearer, FrontDoorError, mayRetry, type PostOutcome, pause, safeJson } from './front-door.ts'

/** One reading of each device a window is enough of the past. */
export const WINDOW_MS = 5 * 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Days before today that the city is given, so that it has seen each kind of day: what is usual stands on them. */
const PAST_DAYS = 8

/** The windows a city has states for, by their start in ms. */
export type KnownWindows = ReadonlySet<number>

const States = z.looseObject({
  states: z.array(
    z.looseObject({ windowStart: z.iso.datetime(), windowEnd: z.iso.datetime(), speedKmh: z.number().nullable() }),
  ),
})

/** How to ask a city what it knows. */
export interface Asking {
  gateway: string
  token?: string | undefined
  signal: AbortSignal
}

/**
 * Asks the city which windows of a segment have been measured, until it answers: a feed that was stopped goes on where it
 * was, and no note of its own can differ from what the city has. A window taken for unknown would be counted twice.
 */
export const knownWindows = async (asking: Asking, segment: string, before: number): Promise<KnownWindows> => {
  const known = new Set<number>()
  for (let since = earliest(before); since < before; ) {
    const url = new URL(`/function/city/api/traffic-status/${encodeURIComponent(segment)}/history`, asking.gateway)
    url.searchParams.set('from', new Date(since).toISOString())
    url.searchParams.set('to', new Date(before).toISOString())
    const states = await statesAt(url, asking)
    for (const { windowStart, windowEnd, speedKmh } of states) {
      const first = Math.floor(Date.parse(windowStart) / WINDOW_MS) * WINDOW_MS
      for (let at = first; speedKmh !== null && at < Date.parse(windowEnd); at += WINDOW_MS) known.add(at)
    }
    since = Date.parse(states.at(-1)?.windowEnd ?? new Date(before).toISOString())
  }
  return known
}

/** One page of states, asked for again until it is there; empty where the city knows no such segment. */
const statesAt = async (url: URL, { token, signal }: Asking): Promise<z.infer<typeof States>['states']> => {
  for (let attempt = 0; ; attempt += 1) {
    const attempted = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)])
    // Refused, reset or cut off in the middle: all of these pass.
    const answer = await fetch(url, { headers: bearer(token), signal: attempted })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => undefined)
    signal.throwIfAborted()
    if (answer?.status === 404) return []
    if (answer !== undefined && answer.status >= 400 && !mayRetry(answer.status))
      throw new FrontDoorError(`${url} answers ${answer.status}: ${answer.text.slice(0, 200)}`)
    const page = States.safeParse(answer?.status === 200 ? safeJson(answer.text) : undefined)
    if (page.success) return page.data.states
    await sleep(pause(attempt, null), undefined, { signal })
  }
}

/** The first instant of the past that a city is given. */
const earliest = (before: number): number => Math.floor(before / DAY_MS) * DAY_MS - PAST_DAYS * DAY_MS

/** The hours before an instant whose windows a city lacks, newest first; each is the windows it lacks, oldest first. */
export const missingHours = (known: KnownWindows, before: number): number[][] => {
  const hours: number[][] = []
  const first = earliest(before)
  const knownDays = new Set([...known].map((at) => Math.floor(at / DAY_MS)))
  // The readings of a day that began long ago may be purged, and then nothing can be added to it.
  const isClosed = (at: number) => at < before - 2 * DAY_MS && knownDays.has(Math.floor(at / DAY_MS))
  for (let end = before; end > first; end -= HOUR_MS) {
    const windows: number[] = []
    for (let at = Math.max(first, end - HOUR_MS); at < end; at += WINDOW_MS)
      if (!known.has(at) && !isClosed(at)) windows.push(at)
    if (windows.length > 0) hours.push(windows)
  }
  return hours
}

/** Readings a second at most: the last day is wanted soon, the days before it may take their time. */
const RATE = { lastDay: 1000, earlier: 250 }
/** Beside its work the feed rests so many times as long as the city took. */
const REST = 3

/** What a history is made of. */
export interface HistoryOptions {
  hours: number[][]
  /** Where history ends. */
  before: number
  /** All readings of a window, by its start. */
  readings(window: number): object[]
  post(readings: object[], signal: AbortSignal): Promise<PostOutcome>
  signal: AbortSignal
}

/**
 * Posts the hours in their order, each in one request, and yields what became of it; whoever takes the next one waits at
 * a pace that leaves the city to those who live in it.
 */
export async function* postHistory({
  hours,
  before,
  readings,
  post,
  signal,
}: HistoryOptions): AsyncGenerator<PostOutcome> {
  for (const windows of hours) {
    const batch = windows.flatMap(readings)
    const began = performance.now()
    const outcome = await post(batch, signal)
    const took = performance.now() - began
    yield outcome
    const rate = (windows[0] ?? 0) >= before - DAY_MS ? RATE.lastDay : RATE.earlier
    await sleep(Math.max((batch.length / rate) * 1000, REST * took), undefined, { signal })
  }
}
