import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type Agent, type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parse } from 'yaml'
import { freePort } from '../ports.ts'
import { patient, type TestDatabase } from '../postgres.ts'

/** One literal request. */
export interface ShapeRequest {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string | Buffer
}

/** An answer, read whole. */
export interface ShapeAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A built function as its image runs it. */
export interface Image {
  port: number
  child: ChildProcess
  exited: Promise<number | null>
  send(request: ShapeRequest, agent?: Agent): Promise<ShapeAnswer>
  logs(): Record<string, unknown>[]
  /** What lies in its folder, and since when: nothing changes while it runs. */
  files(): string[]
  remove(): void
}

/** The secret files of every image of these tests. */
export const SECRETS = {
  'connector-key': 'connector-secret',
  'invoke-key': 'invoke-secret',
  'operator-token': 'operator-secret',
}

/** What stack.yml names as NATIVE of a function. */
function nativePackages(built: string): string[] {
  const { functions } = parse(readFileSync('stack.yml', 'utf8')) as {
    functions: Record<string, { handler: string; build_args?: { NATIVE?: string } }>
  }
  const native = Object.values(functions).find(({ handler }) => handler === `./${built}`)?.build_args?.NATIVE
  return native?.split(' ') ?? []
}

/**
 * Starts `node index.js` in a read-only copy of the built function: nothing of this checkout is within its reach but the
 * packages that its image holds beside it, its environment holds what is given and no more, and there is no parent to talk
 * to.
 */
export async function startImage(
  built: string,
  { test, env = {} }: { test: TestDatabase; env?: Record<string, string> },
): Promise<Image> {
  const home = mkdtempSync(join(tmpdir(), 'junction-shape-'))
  const [cwd, secrets] = [join(home, 'app'), join(home, 'secrets')]
  cpSync(join('dist', built), cwd, { recursive: true })
  for (const file of readdirSync(cwd, { recursive: true })) chmodSync(join(cwd, String(file)), 0o555)
  mkdirSync(join(cwd, 'node_modules'))
  for (const name of nativePackages(built)) symlinkSync(resolve('node_modules', name), join(cwd, 'node_modules', name))
  chmodSync(cwd, 0o555)
  mkdirSync(secrets)
  for (const [name, value] of Object.entries({ ...SECRETS, 'database-password': test.password }))
    writeFileSync(join(secrets, name), `${value}\n`, { mode: 0o400 })

  const port = await freePort()
  const child = spawn(process.execPath, ['index.js'], {
    cwd,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      AUTH_MODE: 'keys',
      EVENT_AUTH: 'network',
      CITY_CLOCK: 'database',
      DATABASE_URL: patient(test.url),
      OPENFAAS_SECRETS_DIR: secrets,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const remove = () => {
    child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  }
  const send = (what: ShapeRequest, agent?: Agent) => sendTo(port, what, agent)
  while ((await send({ method: 'GET', path: '/_/ready' }).catch(() => undefined))?.status !== 200) {
    if (child.exitCode !== null) {
      remove()
      throw new Error(`${built} ended with ${child.exitCode}: ${output}`)
    }
    await delay(10)
  }
  return {
    ...{ port, child, exited, send, remove },
    logs: () =>
      output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    files: () =>
      readdirSync(cwd, { recursive: true })
        .map((file) => `${file} ${statSync(join(cwd, String(file))).mtimeMs}`)
        .sort(),
  }
}

/** Sends it as it stands, but for what HTTP itself adds; rejects where there is no answer. */
function sendTo(
  port: number,
  { method = 'POST', path = '/', headers = {}, body }: ShapeRequest,
  agent: Agent | undefined,
): Promise<ShapeAnswer> {
  return new Promise((resolve, reject) => {
    const payload = Buffer.from(body ?? '')
    const all =
      method === 'GET' || method === 'HEAD' ? headers : { 'Content-Length': String(payload.length), ...headers }
    const call = request({ host: '127.0.0.1', port, method, path, headers: all, agent: agent ?? false })
    call.on('error', reject)
    call.on('response', (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    call.end(payload)
  })
}
