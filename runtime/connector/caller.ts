import { type AttemptLimits, attempt } from './attempt.ts'
import type { FunctionSpec, Invoke } from './types.ts'
import type { Outcome } from './verdict.ts'

/** Calls one function once and always comes back: with its answer, or with why there was none. */
export type Caller = (headers: Record<string, string>, body: Buffer) => Promise<Outcome>

/** Gives each call the time of one attempt; `cut` ends all of them at once. */
export function createCaller(spec: FunctionSpec, { invoke, ...limits }: AttemptLimits & { invoke: Invoke }): Caller {
  return (headers, body) => attempt((signal) => invoke(spec.name, { headers, body, signal }), limits)
}
