import { join } from 'node:path'
import { pino } from 'pino'
import { readRuntimeEnvironment } from '#shared/config.ts'
import { openDeployed } from '../deployments/deployments.ts'
import { makeSocketDir } from '../embedded/socket-dir.ts'
import { checkRetention } from '../housekeeping.ts'
import { projectRoot } from '../project.ts'
import { openLogFile } from '../replicas/log-file.ts'
import { openFolderClock, startHeartbeat } from './city-clock.ts'
import { openDataFolder } from './data-folder.ts'
import { startDatabase } from './database.ts'
import { type FeedChoice, loadFirstNetwork, planFeed } from './feed-plan.ts'
import { startFeed } from './feed-process.ts'
import { connectionsOf } from './function-settings.ts'
import { lockFolder } from './lock.ts'
import { startPlatform } from './platform.ts'
import { checkPort } from './port.ts'
import { writeRuntimeFile } from './runtime-file.ts'
import { checkSpan, liveThrough, type Span, type SpanChoice, spanOf } from './span.ts'
import { openStack } from './stack-file.ts'
import type { Step, Stops } from './steps.ts'

/** The options of `junction up`. */
export interface UpOptions extends FeedChoice, SpanChoice {
  data: string
  host: string
  port: number
  /** The URL of a PostgreSQL that runs elsewhere, in place of the embedded one. */
  database?: string
  stack?: string
}

/** A started city. */
export interface Started {
  url: string
  /** Lives through the span that was asked for, to its end; undefined where it runs for ever. */
  span: ((signal: AbortSignal) => Promise<void>) | undefined
}

/** As long as the names of sockets get. */
const SOCKET_NAME = 'x'.repeat(30)

/** Starts everything in order; what was started is stopped through `stops`. */
export const start = async (
  options: UpOptions,
  step: Step,
  stops: Stops,
  say: (line: string) => void,
): Promise<Started> => {
  const startedAt = new Date()
  const root = projectRoot()
  const { host, port } = options
  const environment = readRuntimeEnvironment(host)
  checkRetention(environment.retention)
  if (environment.authMode === 'dev') say('  AUTH_MODE=dev: whoever is on this machine may call, nobody else')
  const functions = openStack(root, options.stack, environment.all)
  const plan = await planFeed(options)
  const bounded = await checkSpan(options)
  const data = await step(
    'data folder',
    () => openDataFolder(options.data),
    ({ path }) => path,
  )
  // Before the port: who starts the same folder twice is not to be told of another port.
  stops.add('the lock', await lockFolder(data.path))
  await checkPort(host, port)
  if (environment.authMode === 'keys')
    say(`  AUTH_MODE=keys: the operator's token lies in ${join(data.secrets, 'operator-token')}`)

  const runtimeLog = openLogFile(join(data.logs, 'runtime.log'))
  stops.add('the log', () => runtimeLog.flushed())
  const log = pino(
    { base: {}, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => runtimeLog.write(line.trimEnd()) },
  )
  const deployed = await openDeployed(join(data.path, 'deployments.json'), functions)
  const maxConnections = connectionsOf(deployed.definitions) + environment.databaseReserve
  const socketDir = makeSocketDir(SOCKET_NAME)
  const postgres = await startDatabase({
    root,
    data,
    url: options.database,
    maxConnections,
    cleanUp: [socketDir],
    step,
    stops,
  })
  const database = postgres.open(3, 'runtime')
  const folderClock = await step(
    'city clock',
    () => openFolderClock(database, plan.clock),
    ({ kind, now, speed }) => (kind === 'real' ? 'the real time' : `${now.toISOString()}, ${speed}×`),
  )
  const beat = (error: Error) => log.warn({ err: error }, 'the city clock could not be saved')
  stops.add('the city clock', startHeartbeat(database, beat))
  const span = bounded && spanOf(folderClock, bounded)
  const { network } = plan
  if (network)
    await step(
      'road network',
      () => loadFirstNetwork(database, network),
      (n) => `${n} segments`,
    )
  const { gateway, clock, unfinished } = await startPlatform({
    ...{ host, port, root, data, postgres, database, folderClock, deployed, socketDir, log, step, stops, say },
    environment: environment.all,
    settings: environment.settings,
    busUrl: environment.busUrl,
    authMode: environment.authMode,
    callbackHosts: environment.callbackHosts,
    execTimeoutMs: environment.execTimeoutMs,
    maxConnections: options.database === undefined ? maxConnections : undefined,
    retention: environment.retention,
    ...(span && { lastTick: span.to }),
    version: 'local',
  })
  stops.add(
    'runtime.json',
    await writeRuntimeFile(data.path, {
      pid: process.pid,
      url: gateway.url,
      databaseUrl: postgres.url,
      startedAt: startedAt.toISOString(),
    }),
  )
  const feed = plan.args && startFeed(join(root, 'dist/runtime/cli.js'), feedArgs(plan.args, data.path, span), say)
  if (feed) stops.add('the feed', feed.stop)
  const { lateAfterMs } = environment
  const end = { clock, speed: folderClock.speed, feed, unfinished, sql: database, lateAfterMs, say }
  return { url: gateway.url, span: span && ((signal) => liveThrough(span, end, signal)) }
}

const feedArgs = (args: string[], data: string, span: Span | undefined): string[] => [
  ...args,
  ...['--data', data],
  ...(span ? ['--from', span.from.toISOString(), '--to', span.to.toISOString()] : []),
]
