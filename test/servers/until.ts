import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until the answer is not undefined or false; the last error or `what` tells what never came. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const end = performance.now() + timeoutMs
  for (;;) {
    let cause: unknown
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      cause = error
    }
    if (performance.now() > end) throw new Error(`${what} did not come about in ${timeoutMs} ms`, { cause })
    await sleep(25)
  }
}
