import { setTimeout as delay } from 'node:timers/promises'
import type { CloseServer } from '#shared/close-server.ts'
import type { Calls } from './calls.ts'

/** How an orderly end goes. */
export interface DrainOptions {
  close: CloseServer
  calls: Calls
  /** Aborted first: not ready any more, streams end, answers close their connection. */
  draining: AbortController
  /** Go on accepting for so long: until the platform has stopped sending. */
  delayMs: number
  /** Calls that are not done by then are cut off. */
  graceMs: number
}

/** Ends a server without failing a call that reached it in time. */
export async function drain({ close, calls, draining, delayMs, graceMs }: DrainOptions): Promise<void> {
  draining.abort()
  if (delayMs > 0) await delay(delayMs)
  await close(graceMs)
  if (calls.open() > 0) await delay(0)
}
