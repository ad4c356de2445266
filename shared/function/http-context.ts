import type { Bus } from '#shared/bus/port.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import type { FindCaller } from './caller.ts'
import type { FunctionDefinition, HttpContext } from './define.ts'
import { encodeOutput } from './output.ts'
import { endOf, tail } from './tail.ts'
import type { Trace } from './trace.ts'
import type { RunUnit, UnitHost } from './unit.ts'

/** What the context of a process is made of; the bus opens at its first use. */
export interface HttpContextParts {
  definition: FunctionDefinition
  host: UnitHost
  runUnit: RunUnit
  bus(): Promise<Bus>
  draining: AbortSignal
  /** The folder of the files that are built beside the function. */
  assets: string
  trace: Trace
  findCaller: FindCaller
  atExit(work: () => Promise<void>): void
  counter: HttpContext['counter']
  gauge: HttpContext['gauge']
  execTimeoutMs: number
}

/** Makes the context an HTTP function gets, once per process. */
export function httpContext({
  definition,
  host,
  runUnit,
  bus,
  draining,
  assets,
  trace,
  findCaller,
  atExit,
  counter,
  gauge,
  execTimeoutMs,
}: HttpContextParts): HttpContext {
  const log = postgresBus(host.database)
  return {
    emit: async (events) => {
      const origin = { function: definition.name, traceparent: trace.getStore() }
      const encoded = events.map((event) => encodeOutput(event, origin))
      await (await bus()).append(encoded)
    },
    unit: (work) =>
      runUnit(host, {
        events: [],
        deadLetters: [],
        run: async (_events, { sql }) => ({ events: await work(sql) }),
        signal: AbortSignal.timeout(execTimeoutMs),
        traceparent: trace.getStore(),
      }),
    sql: host.database,
    tail: async function* (topic, from, signal) {
      yield* tail(log, topic, from, signal)
    },
    end: async (topic) => endOf(log, topic),
    now: () => host.clock.now(),
    settings: host.settings,
    assets,
    caller: findCaller,
    draining,
    atExit,
    counter,
    gauge,
    log: host.log,
  }
}
