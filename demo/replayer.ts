import { type Dataset, openDataset } from '#shared/dataset/dataset.ts'
import { type FeedClock, type FeedProgress, type FeedSpan, type FeedStep, runFeed } from './feed.ts'
import { frontDoor } from './front-door.ts'
import { gatewayClock, runningClock } from './gateway-clock.ts'
import { type ProgressOutput, progressPrinter, summaryLine } from './progress.ts'

/** Where a feed goes and how it is seen. */
export interface FeedTarget {
  /** URL of the gateway. */
  gateway: string
  /** Of its operator, where it asks for one. */
  token?: string | undefined
  signal: AbortSignal
  out: ProgressOutput
  /** Only what is due in it; all of it unless given. */
  span?: FeedSpan | undefined
}

const feed = async (target: FeedTarget, clock: FeedClock, steps: AsyncIterable<FeedStep>): Promise<FeedProgress> => {
  const began = performance.now()
  const printer = progressPrinter(target.out)
  const post = frontDoor(target.gateway, { token: target.token })
  const end = await runFeed({ steps, clock, post, span: target.span, onProgress: printer.show, signal: target.signal })
  printer.end(summaryLine(end, performance.now() - began))
  return end
}

/**
 * Posts a dataset at the pace of the city clock, from where that stands; with a `speed` of its own at that pace, from the
 * first row on.
 */
export const replay = async (target: FeedTarget, folder: string, speed?: number): Promise<FeedProgress> => {
  const dataset: Dataset = await openDataset(folder)
  const clock = speed === undefined ? await gatewayClock(target) : runningClock(await dataset.start(), speed)
  return feed(target, clock, dataset.steps())
}
