import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Calls } from './calls.ts'

/** How an orderly end goes. */
export interface DrainOptions {
  server: Server
  calls: Calls
  /** Aborted first: not ready any more, streams end, answers close their connection. */
  draining: AbortController
  /** Go on accepting for so long: until the platform has stopped sending. */
  delayMs: number
  /** Calls that are not done by then are cut off. */
  graceMs: number
}

/** Ends a server without failing a call that reached it in time. */
export async function drain({ server, calls, draining, delayMs, graceMs }: DrainOptions): Promise<void> {
  draining.abort()
  if (delayMs > 0) await delay(delayMs)
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  server.closeIdleConnections()
  const cutOff = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(cutOff)
  if (calls.open() > 0) await delay(0)
}
