import { type Logger, pino } from 'pino'
import { type Trace, traceIdOf } from './trace.ts'

/** Logs one JSON object a line to stdout, each with the trace id of the call it belongs to. */
export function openLogger(name: string, level: string, trace: Trace): Logger {
  // Through process.stdout: pino's own destination would try for ever to write to a reader that is gone.
  process.stdout.on('error', () => {})
  return pino(
    {
      level,
      base: { function: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const traceparent = trace.getStore()
        return traceparent === undefined ? {} : { traceId: traceIdOf(traceparent) }
      },
    },
    process.stdout,
  )
}
