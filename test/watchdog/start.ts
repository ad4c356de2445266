import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'

/** An answer, read whole; `broken` = its connection ended before it was over. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
  broken: boolean
}

/** A watchdog in a process of its own, on a Unix socket. */
export interface WatchdogProcess {
  child: ChildProcess
  socketPath: string
  folder: string
  log(): string
  call(path?: string, options?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<Answer>
  exited: Promise<number | string | null>
  stop(): Promise<void>
}

const bundle = join('node_modules', '.cache', 'junction-test', 'watchdog.js')
let built: Promise<unknown> | undefined

const buildWatchdog = () => {
  // Other test files do the same beside this one: each finds a whole file.
  const outfile = `${bundle}.${process.pid}`
  built ??= build({
    ...{ bundle: true, platform: 'node', format: 'esm', packages: 'external', target: 'node20' },
    ...{ entryPoints: ['runtime/watchdog/main.ts'], outfile },
  }).then(() => renameSync(outfile, bundle))
  return built
}

/** Writes a program with `#!` and gives its path. */
export const program = (folder: string, name: string, source: string): string => {
  const file = join(folder, name)
  writeFileSync(file, source, { mode: 0o755 })
  return file
}

/** Starts a watchdog and waits until it is ready, unless it is told not to. */
export const startWatchdog = async (
  env: Record<string, string>,
  { folder = mkdtempSync(join(tmpdir(), 'junction-watchdog-')), ready = true } = {},
): Promise<WatchdogProcess> => {
  await buildWatchdog()
  const socketPath = join(folder, 's')
  const child = spawn(process.execPath, [bundle], {
    env: { PATH: process.env.PATH, ...env, PORT: socketPath },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk
  })
  const exited = new Promise<number | string | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
  const watchdog: WatchdogProcess = {
    ...{ child, socketPath, folder, exited },
    log: () => log,
    call: (path = '/', options = {}) => call(socketPath, path, options),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
  if (ready) await until('it is ready', async () => (await watchdog.call('/_/ready').catch(none))?.status === 200)
  return watchdog
}

const none = () => undefined

const call = (
  socketPath: string,
  path: string,
  {
    method = path.startsWith('/_/') ? 'GET' : 'POST',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => {})
      response.on('close', () =>
        resolve({
          ...{ status: response.statusCode ?? 0, headers: response.headers },
          ...{ body: Buffer.concat(chunks).toString(), broken: !response.complete },
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** Sends so many MiB and counts the bytes that come back meanwhile. */
export const echoed = (socketPath: string, mebibytes: number): Promise<number> =>
  new Promise((resolve, reject) => {
    let size = 0
    const sent = request({ socketPath, method: 'POST' }, (response) => {
      response.on('data', (data: Buffer) => {
        size += data.length
      })
      response.once('end', () => resolve(size))
      response.once('error', reject)
    })
    sent.once('error', reject)
    const chunk = Buffer.alloc(1 << 20, 'x')
    let left = mebibytes
    const write = () => {
      while (left-- > 0) if (!sent.write(chunk)) return void sent.once('drain', write)
      sent.end()
    }
    write()
  })

/** Waits for a condition, at most 30 s. */
export const until = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 30_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not: ${what}`)
    await sleep(10)
  }
}

const stateOf = (pid: number): string | undefined => {
  try {
    return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

/** Whether a process runs; one that is dead but not yet buried does not. */
export const runs = (pid: number): boolean => !['Z', 'X', undefined].includes(stateOf(pid))

/** Whether a process waits for something. */
export const isAsleep = (pid: number): boolean => stateOf(pid) === 'S'

/** The most memory a process ever held, in MiB. */
export const peakMemory = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
