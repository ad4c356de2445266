import { chmodSync } from 'node:fs'
import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverCloser } from '#shared/close-server.ts'
import { createForkingRunner } from './forking.ts'
import { startGuard } from './guard.ts'
import { createHttpRunner } from './http-program.ts'
import { openLog, type WatchdogLog } from './log.ts'
import { createPrograms } from './programs.ts'
import { createWatchdogServer } from './server.ts'
import { readSettings, type WatchdogSettings } from './settings.ts'

// The entry of a process of its own, which stands before any program and makes it a function.

type Environment = Record<string, string | undefined>

const LAST_WORDS_MS = 200

const main = async (environment: Environment, log: WatchdogLog, settings: WatchdogSettings): Promise<void> => {
  const programs = createPrograms(startGuard(), log)
  const orphaned = () => {
    programs.killAll()
    process.kill(process.pid, 'SIGKILL')
  }
  process.on('disconnect', orphaned)
  // Its parent may be gone since before this was loaded; undefined = it never had one that holds a channel.
  if (process.connected === false) orphaned()
  let server: Server | undefined
  const end = (fault: string) => {
    log.say(`The watchdog ends: ${fault}.`)
    process.exitCode = 1
    server?.close()
    // Calls in progress hear of it first.
    setTimeout(() => process.exit(), LAST_WORDS_MS)
  }
  const parts = { settings, environment: { ...environment, PORT: undefined }, programs, log }
  const runner = settings.mode === 'http' ? await createHttpRunner(parts, end) : createForkingRunner(parts)
  const front = createWatchdogServer(settings, runner, log)
  server = front.server
  const close = serverCloser(server)

  const stop = async () => {
    log.say('SIGTERM: not healthy any more; calls in flight end first.')
    // Late calls are still taken, though not for ever.
    await Promise.race([front.drain(), sleep(settings.writeTimeoutMs)])
    await close(settings.execTimeoutMs)
    await runner.stop()
    process.exit(0)
  }
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (!stopping) void stop()
      stopping = true
    })
  server.once('error', (error) => end(error.message))
  const address = environment.PORT ?? environment.port ?? '8080'
  if (address.startsWith('/')) server.listen({ path: address, backlog: 4096 }, () => chmodSync(address, 0o600))
  else server.listen({ port: Number(address), backlog: 4096 })
  log.say(`Watchdog mode: ${settings.mode}\tfprocess: ${JSON.stringify(settings.command.join(' '))}`)
}

// Read here, not in shared/config.ts: it is the environment of another program, and zod would double the time to start.
const environment = process.env
try {
  const settings = readSettings(environment)
  await main(environment, openLog(process.stderr, settings.prefixLogs), settings)
} catch (error) {
  openLog(process.stderr, false).say(`The watchdog does not start: ${(error as Error).message}`)
  process.exit(1)
}
