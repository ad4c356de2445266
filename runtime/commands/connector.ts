import { pino } from 'pino'
import { readConnectorEnvironment } from '#shared/config.ts'
import { type StandaloneOptions, startStandalone } from '../standalone/start.ts'
import { checkPort } from '../up/port.ts'
import { collectStops } from '../up/steps.ts'
import { UserError } from '../user-error.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs the connector beside a gateway until it is told to stop: the first signal stops in order, the second at once. */
export const connector = async (
  options: Pick<StandaloneOptions, 'host' | 'port'> & { gateway?: string; functions?: string },
): Promise<void> => {
  const functions = placeOf(options)
  const environment = readConnectorEnvironment()
  await checkPort(options.host, options.port)
  process.stdout.on('error', () => {})
  const log = pino({ level: environment.LOG_LEVEL, base: {}, timestamp: pino.stdTimeFunctions.isoTime }, process.stdout)
  const stopping = new AbortController()
  const stops = collectStops((name, error) =>
    log.error({ alarm: 'stop_failed', err: error }, `${name} did not stop well: ${error.message}`),
  )
  const stopped = new Promise<void>((resolve) => {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (stopping.signal.aborted) process.exit(130)
        stopping.abort()
        resolve()
      })
    }
  })
  try {
    await startStandalone({
      ...{ host: options.host, port: options.port, functions },
      environment,
      log,
      stops,
      signal: stopping.signal,
    })
    await stopped
  } catch (error) {
    if (!stopping.signal.aborted) throw error
  } finally {
    await stops.run()
  }
  log.info('stopped')
}

const placeOf = ({ gateway, functions }: { gateway?: string; functions?: string }): StandaloneOptions['functions'] => {
  if (functions !== undefined) return { file: functions }
  if (gateway !== undefined) return { gateway: new URL(gateway) }
  throw new UserError('say where the functions are: --gateway URL, or --functions FILE where no gateway tells')
}
