import { type FeedProgress, runFeed } from './feed.ts'
import { frontDoor, type PostOutcome } from './front-door.ts'
import { gatewayClock } from './gateway-clock.ts'
import { knownWindows, missingHours, postHistory, WINDOW_MS } from './history.ts'
import { progressPrinter, summaryLine } from './progress.ts'
import type { FeedTarget } from './replayer.ts'
import { arrivals, openSimulatedCity, PROBE_SEGMENT } from './simulated-city.ts'

const PERIOD_MS = 30_000
/** A fast city clock leaves no time for more readings than in ten times as fast a city. */
const MOST_PERIODS = 10
/** The live feed begins so long before now, at the start of a window; what lies before that is history. */
const LIVE_FROM_MS = 4 * 60_000

/**
 * Posts the simulated city for ever: first what the city lacks of its last hour, then the present as it comes, and beside
 * it what is missing of the last day and of the days before. Of a span only what is due in it, without a past: the same
 * readings for the same span, seed and speed.
 */
export const generate = async (target: FeedTarget, seed: number): Promise<FeedProgress> => {
  const { gateway, token, out, span } = target
  const failed = new AbortController()
  const signal = AbortSignal.any([target.signal, failed.signal])
  const began = performance.now()
  const clock = await gatewayClock(target)
  const liveFrom = span?.from.getTime() ?? Math.floor((clock.now().getTime() - LIVE_FROM_MS) / WINDOW_MS) * WINDOW_MS
  const known = span ? undefined : knownWindows(target, PROBE_SEGMENT, liveFrom)
  const city = openSimulatedCity(seed)
  // Today is lived while the city wakes up to answer.
  city.measured(Math.floor(liveFrom / WINDOW_MS) * WINDOW_MS, WINDOW_MS)
  const hours = known ? missingHours(await known, liveFrom) : []
  const posted = postHistory({
    hours,
    before: liveFrom,
    // Stamped like the last of the live readings that fall into the window, and covering the time of all of them.
    readings: (window) => city.measured(window + WINDOW_MS - PERIOD_MS, WINDOW_MS),
    post: frontDoor(gateway, { token, history: true }),
    signal,
  })
  const printer = progressPrinter(out)
  const sum = sumOf(hours.length)
  const showing = (tell: () => void) => {
    tell()
    printer.show(sum.progress())
  }
  const live = () =>
    runFeed({
      steps: arrivals(
        city,
        PERIOD_MS * Math.ceil(Math.max(1, Math.min(clock.speed, MOST_PERIODS))),
        new Date(liveFrom),
      ),
      clock,
      post: frontDoor(gateway, { token }),
      span,
      onProgress: (progress) => showing(() => sum.live(progress)),
      signal,
    })
  const past = async () => {
    for await (const outcome of posted) showing(() => sum.hour(outcome))
  }
  try {
    const newest = await posted.next()
    if (newest.value) sum.hour(newest.value)
    await Promise.all([live(), past()])
  } catch (error) {
    if (!target.signal.aborted) throw error
  } finally {
    // Of the present and the past neither goes on without the other.
    failed.abort()
  }
  printer.end(summaryLine(sum.progress(), performance.now() - began))
  return sum.progress()
}

/** Adds the past to what the live feed tells. */
const sumOf = (hours: number) => {
  const counts = { accepted: 0, refused: 0, retries: 0 }
  let firstRefusal: string | undefined
  let done = 0
  let newest: FeedProgress = { at: undefined, ...counts, firstRefusal, skipped: 0, rate: 0, behindMs: 0 }
  return {
    live(progress: FeedProgress) {
      newest = progress
    },
    hour({ accepted, refused, retries, firstRefusal: first }: PostOutcome) {
      counts.accepted += accepted
      counts.refused += refused
      counts.retries += retries
      firstRefusal ??= first
      done += 1
    },
    progress: (): FeedProgress => ({
      ...newest,
      accepted: newest.accepted + counts.accepted,
      refused: newest.refused + counts.refused,
      retries: newest.retries + counts.retries,
      firstRefusal: firstRefusal ?? newest.firstRefusal,
      ...(done < hours ? { history: done / hours } : {}),
    }),
  }
}
