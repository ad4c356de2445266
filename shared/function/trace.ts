import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'

/** The W3C traceparent of the call that is being answered, wherever its work has got to. */
export type Trace = AsyncLocalStorage<string>

/** Makes the trace of a process; nothing is being answered yet. */
export const openTrace = (): Trace => new AsyncLocalStorage<string>()

/** The call's traceparent, or undefined where it has none of the form that W3C gives. */
export function traceparentOf({ headers }: IncomingMessage): string | undefined {
  const value = headers.traceparent
  return typeof value === 'string' && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value) ? value : undefined
}

/** The trace id of a traceparent. */
export const traceIdOf = (traceparent: string): string => traceparent.split('-')[1] as string
