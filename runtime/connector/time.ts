import { performance } from 'node:perf_hooks'
import type { Time } from './types.ts'

/** The machine's own monotonic time. */
export const realTime: Time = { now: () => performance.now(), sleep, random: Math.random }

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
