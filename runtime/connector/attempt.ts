import type { Time } from './types.ts'
import type { Silence } from './verdict.ts'

/** How long one attempt may take, and what ends all of them at once. */
export interface AttemptLimits {
  attemptMs: number
  time: Time
  cut: AbortSignal
}

/** Does something once within the time of an attempt and always comes back: with its result, or with why there is none. */
export async function attempt<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { attemptMs, time, cut }: AttemptLimits,
): Promise<T | { failed: unknown; why: Silence }> {
  const ended = new AbortController()
  const answered = new AbortController()
  let why: Silence = 'lost'
  const end = (reason: Silence) => {
    why = reason
    ended.abort(new Error(reason === 'deadline' ? `no answer within ${attemptMs} ms` : 'the connector is stopping'))
  }
  const onCut = () => end('stopping')
  cut.addEventListener('abort', onCut, { once: true })
  void time.sleep(attemptMs, answered.signal).then(() => answered.signal.aborted || end('deadline'))
  try {
    return await Promise.race([work(ended.signal), rejectOnAbort(ended.signal)])
  } catch (failed) {
    return { failed, why }
  } finally {
    answered.abort()
    cut.removeEventListener('abort', onCut)
  }
}

// Work that ignores its signal must not hold its lane for ever; what heeds it says better why it failed.
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setImmediate(reject, signal.reason), { once: true })
  })
}
