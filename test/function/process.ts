import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** An answer, read whole. */
export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

/** A built function in a process of its own, on a Unix socket. */
export interface FunctionProcess {
  child: ChildProcess
  socketPath: string
  /** Its log lines. */
  logs(): Record<string, unknown>[]
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  open(path: string): ClientRequest
  exited: Promise<number | null>
  remove(): void
}

/** Starts a built function and waits until it is ready. */
export async function startFunction(name: string, env: Record<string, string> = {}): Promise<FunctionProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'junction-function-'))
  const socketPath = join(folder, 's')
  const child = spawn(process.execPath, [`dist/${name}/index.js`], {
    env: {
      ...process.env,
      PORT: socketPath,
      AUTH_MODE: 'dev',
      SECRETS_DIR: folder,
      DATABASE_URL: 'postgres://junction@localhost/none?host=/nowhere',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const open = (path: string, headers = {}) => request({ socketPath, path, headers, agent: false })
  const get = (path: string, headers = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const call = open(path, headers)
      call.on('error', reject)
      call.on('response', (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      })
      call.end()
    })
  while ((await get('/_/ready').catch(() => undefined))?.status !== 200) {
    if (child.exitCode !== null) {
      rmSync(folder, { recursive: true, force: true })
      throw new Error(`${name} ended with ${child.exitCode}`)
    }
    await delay(10)
  }
  return {
    child,
    socketPath,
    get,
    open,
    exited,
    logs: () =>
      output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    remove() {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
