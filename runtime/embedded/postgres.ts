import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { KeeperError } from './errors.ts'
import type { KeeperMessage, KeeperOptions } from './protocol.ts'
import { makeSocketDir } from './socket-dir.ts'

/** What the embedded PostgreSQL needs to know. */
export interface PostgresOptions {
  /** The built keeper (`dist/runtime/keeper.js`). */
  keeperFile: string
  /** PostgreSQL's own folder, made when missing. */
  dataDir: string
  passwordFile: string
  /** The sum of all pools, plus a few for tools. */
  maxConnections: number
  /** Folders the keeper removes at the end, even after a SIGKILL of this process. */
  cleanUp?: string[]
  /** Lines of PostgreSQL's log and of the keeper. */
  log(line: string): void
}

/** The running embedded PostgreSQL; its URL stays the same over restarts. */
export interface EmbeddedPostgres {
  url: string
  socketDir: string
  /** The server's pid, a new one after each restart. */
  pid(): number
  keeperPid(): number
  stop(): Promise<void>
}

const MAX_PAUSE_MS = 5_000

/** Starts PostgreSQL through its keeper; resolves when it takes connections, and restarts a keeper that dies. */
export const startPostgres = async (options: PostgresOptions): Promise<EmbeddedPostgres> => {
  const { dataDir, passwordFile, maxConnections, cleanUp = [], log } = options
  const socketDir = makeSocketDir('.s.PGSQL.5432')
  const paths = { dataDir: resolve(dataDir), passwordFile: resolve(passwordFile), socketDir }
  const keeperOptions: KeeperOptions = { ...paths, maxConnections, cleanUp }
  let keeper: ChildProcess
  let pid = 0
  let stopping = false

  /** Resolves at the first `ready`, rejects when the keeper ends before. */
  const start = (): Promise<void> =>
    new Promise((ready, failed) => {
      // A session of its own: Ctrl-C in the terminal must not reach it before the functions have drained.
      const child = spawn(process.execPath, [options.keeperFile, JSON.stringify(keeperOptions)], {
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      keeper = child
      let failure = ''
      createInterface(child.stdout).on('line', (line) => {
        const message = JSON.parse(line) as KeeperMessage
        if (message.event === 'failed') failure = message.message
        else {
          pid = message.pid
          ready()
        }
      })
      createInterface(child.stderr).on('line', log)
      child.on('error', failed)
      child.on('close', (code, signal) => {
        if (pid === 0) failed(new KeeperError(failure || `the keeper of PostgreSQL ended early (${signal ?? code})`))
        else if (!stopping) void restart(`${failure || 'the keeper of PostgreSQL died'} (${signal ?? code})`)
      })
    })

  let pause = 100
  const restart = async (reason: string): Promise<void> => {
    log(`${reason}; starting it again`)
    await sleep(pause)
    if (stopping) return
    pause = Math.min(pause * 2, MAX_PAUSE_MS)
    await start()
    pause = 100
  }

  await start()
  return {
    url: `postgres://junction@localhost/junction?host=${encodeURIComponent(socketDir)}`,
    socketDir,
    pid: () => pid,
    keeperPid: () => keeper.pid ?? 0,
    stop: async () => {
      stopping = true
      const gone = keeper.exitCode !== null || keeper.signalCode !== null
      const exited = gone ? Promise.resolve() : new Promise((done) => keeper.once('exit', done))
      keeper.stdin?.end()
      await exited
    },
  }
}
