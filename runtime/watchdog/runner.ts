import type { IncomingMessage, ServerResponse } from 'node:http'

/** What answers the calls of a watchdog: a program for each, or one for all. */
export interface Runner {
  /**
   * Answers a call; resolves when nothing of it runs any more, and never throws. From the abort on the answer is none
   * of its business: what works on it is to end.
   */
  answer(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void>
  /** Whether calls can be answered; without a `ready_path` nobody else is asked. */
  ready(): Promise<boolean>
  /** Ends what runs between calls. */
  stop(): Promise<void>
}

/** The header that tells how long an answer took to begin. */
export const durationHeader = (began: number): Record<string, string> => ({
  'X-Duration-Seconds': ((performance.now() - began) / 1_000).toFixed(6),
})
