import { chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openBus } from '#shared/bus/open.ts'
import type { Bus } from '#shared/bus/port.ts'
import { openClock } from '#shared/clock.ts'
import { serverCloser } from '#shared/close-server.ts'
import { type Environment, readEnvironment, readSecret } from '#shared/config.ts'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { openDatabase } from '#shared/state/database.ts'
import { accessCheck } from './access.ts'
import type { AuthSettings } from './auth.ts'
import { callerFinder } from './caller.ts'
import { trackCalls } from './calls.ts'
import type { FunctionDefinition } from './define.ts'
import { drain } from './drain.ts'
import { answerEventCall } from './event-call.ts'
import { httpCalls } from './http-call.ts'
import { httpContext } from './http-context.ts'
import { keyCache } from './key-cache.ts'
import { openLogger } from './logger.ts'
import { functionMetrics } from './metrics.ts'
import { createFunctionServer } from './server.ts'
import { openTrace } from './trace.ts'
import { type RunUnit, runUnit as runUnitInOrder, type UnitHost } from './unit.ts'

/** Parts that a test's own entry may put in another's place. */
export interface ServeParts {
  runUnit?: RunUnit
}

/**
 * Serves a function: the only composition root of a function's process. Ready is listening, which follows its `onStart`:
 * PostgreSQL and the bus are reached at their first use. SIGTERM drains and exits 0; losing the parent that holds an IPC
 * channel is the end at once.
 */
export function serve(definition: FunctionDefinition, parts: ServeParts = {}): void {
  start(definition, parts).catch((error) => refuseStart(definition.name, error))
}

/** A function that is not set up right says why in one line of its log, as it says everything else. */
function refuseStart(name: string, error: unknown): never {
  const msg = `${name} does not start: ${(error as Error).message}`
  process.stderr.write(`${JSON.stringify({ level: 60, time: new Date().toISOString(), function: name, msg })}\n`)
  process.exit(1)
}

/** Below the 60 s that platforms give from SIGTERM to SIGKILL; who allows longer calls has to allow a longer end, too. */
const GRACE_MS = 55_000

async function start(definition: FunctionDefinition, { runUnit = runUnitInOrder }: ServeParts): Promise<void> {
  const environment = readEnvironment()
  refuseOtherName(definition.name, environment.FUNCTION_NAME)
  const trace = openTrace()
  const log = openLogger(definition.name, environment.LOG_LEVEL, trace)
  const database = openDatabase({
    url: environment.DATABASE_URL,
    password: readSecret(environment.SECRETS_DIR, 'database-password'),
    max: environment.DATABASE_POOL,
    name: definition.name,
    // Below the deadline of the call: statement < transaction < handler < gateway < connector.
    transactionMs: environment.exec_timeout * 0.8,
  })
  let bus: Promise<Bus> | undefined
  const openedBus = () => {
    bus ??= openBus(environment.BUS_URL, {
      database,
      log,
      secret: (name) => readSecret(environment.SECRETS_DIR, name),
    })
    return bus
  }
  const host: UnitHost = {
    consumer: definition.name,
    version: environment.FUNCTION_VERSION,
    database,
    clock: openClock(environment.CITY_CLOCK, database),
    settings: settingsOf(environment),
    log,
  }
  const draining = new AbortController()
  const lastWorks: (() => Promise<void>)[] = []
  const metrics = functionMetrics(definition.name, environment.FUNCTION_VERSION)
  const calls = trackCalls(callLimits(environment), metrics)
  const takesEvents = definition.onEvents ?? definition.map ?? definition.onAlarm ?? definition.onSchedule
  const auth = authSettings(environment)
  const operatorToken = readSecret(environment.SECRETS_DIR, 'operator-token')
  const findCaller = callerFinder({ mode: auth.mode, operatorToken }, keyCache(database))
  const eventTools = { definition, host, runUnit, auth }
  const context = httpContext({
    definition,
    host,
    runUnit,
    bus: openedBus,
    draining: draining.signal,
    assets: join(dirname(process.argv[1] ?? ''), 'assets'),
    trace,
    findCaller,
    atExit: (work) => void lastWorks.push(work),
    counter: metrics.counter,
    gauge: metrics.gauge,
    execTimeoutMs: environment.exec_timeout,
  })
  const server = createFunctionServer({
    calls,
    metrics,
    draining: draining.signal,
    trace,
    onEvent: takesEvents && ((request, response, call) => answerEventCall(request, response, call.signal, eventTools)),
    onHttp:
      definition.http &&
      httpCalls(definition.http(context), log, accessCheck(definition.access, auth.mode, findCaller)),
  })
  const close = serverCloser(server)

  const stop = async (signal: string) => {
    if (draining.signal.aborted) return
    log.debug({ signal }, 'draining')
    const graceMs = Math.max(GRACE_MS, environment.exec_timeout)
    await drain({ close, calls, draining, delayMs: environment.DRAIN_DELAY, graceMs })
    await Promise.allSettled(lastWorks.map((work) => work()))
    await database.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'crashed')
    process.exit(1)
  })
  await definition.onStart?.(context)
  server.once('listening', () => log.info({ version: environment.FUNCTION_VERSION }, 'ready'))
  listen(server, environment)
}

// Positions, alarms and dead letters go by this name: two of them would never find each other.
function refuseOtherName(name: string, deployed = name): void {
  if (deployed !== name) {
    throw new ConfigurationError(
      `stack.yml deploys this function as "${deployed}", but its handler is named "${name}": give both the same name`,
    )
  }
}

function listen(server: ReturnType<typeof createFunctionServer>, { PORT, HOST }: Environment): void {
  if (PORT.startsWith('/')) server.listen({ path: PORT, backlog: 4096 }, () => chmodSync(PORT, 0o600))
  else server.listen({ port: Number(PORT), host: HOST, backlog: 4096 })
}

const settingsOf = (environment: Environment) => ({
  windowMs: environment.WINDOW,
  lateAfterMs: environment.LATE_AFTER,
  silentAfterMs: environment.SILENT_AFTER,
  acceptPastMs: environment.ACCEPT_PAST,
  acceptFutureMs: environment.ACCEPT_FUTURE,
  timeZone: environment.CITY_TIMEZONE,
  mapStyleUrl: environment.MAP_STYLE_URL,
  mappings: environment.MAPPINGS,
})

const callLimits = (environment: Environment) => ({
  execTimeoutMs: environment.exec_timeout,
  maxInflight: environment.max_inflight || Number.POSITIVE_INFINITY,
  maxStreams: environment.max_streams,
  streamMaxMs: environment.STREAM_MAX,
})

const authSettings = (environment: Environment): AuthSettings => ({
  mode: environment.AUTH_MODE,
  eventAuth: environment.EVENT_AUTH,
  connectorKey: readSecret(environment.SECRETS_DIR, 'connector-key'),
  invokeKey: readSecret(environment.SECRETS_DIR, 'invoke-key'),
})
