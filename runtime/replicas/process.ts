import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { get } from 'node:http'
import type { LogFile } from './log-file.ts'

/** How one replica is started and what its owner hears of it. */
export interface Launch {
  /** The built function (`dist/functions/<name>/index.js`). */
  file: string
  /** Options of Node.js itself, such as its memory limit. */
  nodeOptions: string[]
  env: Record<string, string>
  /** Absolute, at most 107 bytes; becomes its PORT. */
  socketPath: string
  log: LogFile
  /** Time from SIGTERM to SIGKILL. */
  graceMs: number
  onReady(): void
  /** Called once, also when it could not be started. */
  onExit(reason: string): void
}

/** A running replica: a child process that serves on a Unix socket. */
export interface ReplicaProcess {
  pid: number | undefined
  /** SIGTERM: it drains; SIGKILL after the grace time. */
  stop(): void
  kill(): void
}

const POLL_MS = 10

/** Starts a replica; it dies with this process, whose end closes its IPC channel. */
export const startProcess = (launch: Launch): ReplicaProcess => {
  const { file, env, socketPath, log, graceMs } = launch
  const args = ['--disable-proto=throw', ...launch.nodeOptions, file]
  // A session of its own: Ctrl-C in the terminal must not cut off what it has in flight.
  let child: ChildProcess
  try {
    child = spawn(process.execPath, args, {
      env: { ...env, PORT: socketPath },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
  } catch (error) {
    // Such as E2BIG: an environment that no process can have. Its owner still has to note that it was started.
    setImmediate(() => launch.onExit((error as Error).message))
    return { pid: undefined, stop: () => {}, kill: () => {} }
  }
  for (const stream of [child.stdout, child.stderr]) if (stream && child.pid) log.copy(stream, child.pid)
  let running = true
  let graceTimer: NodeJS.Timeout | undefined
  const ended = (reason: string) => {
    if (!running) return
    running = false
    clearTimeout(graceTimer)
    void rm(socketPath, { force: true }).then(() => launch.onExit(reason))
  }
  child.on('error', (error) => ended(error.message))
  child.on('exit', (code, signal) => ended(signal ?? `exit code ${code}`))

  const poll = () => {
    if (!running) return
    if (!existsSync(socketPath)) return void setTimeout(poll, POLL_MS)
    isReady(socketPath).then((ready) => {
      if (!running) return
      if (ready) launch.onReady()
      else setTimeout(poll, POLL_MS)
    })
  }
  poll()
  return {
    pid: child.pid,
    stop: () => {
      if (!running || graceTimer) return
      child.kill('SIGTERM')
      graceTimer = setTimeout(() => child.kill('SIGKILL'), graceMs)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

const READY_MS = 1_000

const isReady = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get({ socketPath, path: '/_/ready', agent: false, timeout: READY_MS }, (response) => {
      // The status alone counts: a body of any length is cut off.
      response.destroy()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
    request.on('close', () => resolve(false))
  })
