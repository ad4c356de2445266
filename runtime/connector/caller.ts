import type { FunctionSpec, Invoke, Time } from './types.ts'
import type { Outcome, Silence } from './verdict.ts'

/** Calls one function once and always comes back: with its answer, or with why there was none. */
export type Caller = (headers: Record<string, string>, body: Buffer) => Promise<Outcome>

/** Gives each call the time of one attempt; `cut` ends all of them at once. */
export function createCaller(
  spec: FunctionSpec,
  { invoke, attemptMs, time, cut }: { invoke: Invoke; attemptMs: number; time: Time; cut: AbortSignal },
): Caller {
  return async (headers, body) => {
    const attempt = new AbortController()
    const answered = new AbortController()
    let why: Silence = 'lost'
    const end = (reason: Silence) => {
      why = reason
      attempt.abort(new Error(reason === 'deadline' ? `no answer within ${attemptMs} ms` : 'the connector is stopping'))
    }
    const onCut = () => end('stopping')
    cut.addEventListener('abort', onCut, { once: true })
    void time.sleep(attemptMs, answered.signal).then(() => answered.signal.aborted || end('deadline'))
    try {
      return await Promise.race([
        invoke(spec.name, { headers, body, signal: attempt.signal }),
        rejectOnAbort(attempt.signal),
      ])
    } catch (failed) {
      return { failed, why }
    } finally {
      answered.abort()
      cut.removeEventListener('abort', onCut)
    }
  }
}

// A call that ignores its signal must not hold its lane for ever; one that heeds it says better why it failed.
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setImmediate(reject, signal.reason), { once: true })
  })
}
