/** How fresh the page is: news come as they happen, only now and then, or not at all. */
export type LinkState = 'live' | 'reconnecting' | 'stale'

/** What is known of the connection; times are of the monotonic clock, in milliseconds. */
export interface LinkFacts {
  /** Whether the event stream is open. */
  connected: boolean
  /** When the city was last heard of. */
  heardAt: number
  /** When reading the status last failed; undefined when it never did. */
  failedAt: number | undefined
}

/** Nothing heard for so long is no live picture any more. */
export const STALE_MS = 45_000

/** Tells the state of the connection at a moment. */
export function linkState({ connected, heardAt, failedAt }: LinkFacts, now: number): LinkState {
  const failed = failedAt !== undefined && failedAt > heardAt
  if (failed || now - heardAt > STALE_MS) return 'stale'
  return connected ? 'live' : 'reconnecting'
}
