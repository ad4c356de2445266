import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { alive, family, kill, type Process } from './processes.ts'

/** A runtime under test: the real command on a data folder of its own. */
export interface Runtime {
  url: string
  start(): Promise<void>
  /** SIGKILLs it; answers which of its processes were still there after 20 s. */
  crash(): Promise<Process[]>
  /** Ctrl-C; answers its exit code. */
  stop(): Promise<number | null>
  /** Its function processes. */
  functions(): Process[]
  postmaster(): number | undefined
  /** Tries `work` on the database until it succeeds: the database comes and goes. */
  retried<T>(work: (database: Database) => Promise<T>): Promise<T>
  command(...args: string[]): void
  alive(): boolean
}

/** Where and what to run. */
export interface RuntimeOptions {
  folder: string
  port: number
  /** Arguments of `junction up` beside port and data. */
  args: string[]
  authMode?: 'dev' | 'keys'
  /** Further settings, such as BUS_URL. */
  settings?: Record<string, string>
}

const PATIENCE_MS = 90_000

/** Prepares a runtime; nothing runs before `start`. */
export function openRuntime({ folder, port, args, authMode = 'dev', settings }: RuntimeOptions): Runtime {
  const data = join(folder, 'data')
  const log = openSync(join(folder, 'runtime.log'), 'a')
  const url = `http://127.0.0.1:${port}`
  const environment = { ...process.env, ...settings, AUTH_MODE: authMode }
  let child: ChildProcess | undefined
  let database: { url: string; pool: Database } | undefined

  const open = (): Database => {
    const { databaseUrl } = JSON.parse(readFileSync(join(data, 'runtime.json'), 'utf8')) as { databaseUrl: string }
    if (database?.url !== databaseUrl) {
      void database?.pool.close().catch(() => {})
      const password = readFileSync(join(data, 'secrets/database-password'), 'utf8').trim()
      database = { url: databaseUrl, pool: openDatabase({ url: databaseUrl, password, max: 2, name: 'e2e' }) }
    }
    return database.pool
  }

  return {
    url,
    alive: () => child?.pid !== undefined && alive(child.pid),
    async start() {
      const started = spawn(process.execPath, ['bin/junction', 'up', '--port', String(port), '--data', data, ...args], {
        stdio: ['ignore', log, log],
        env: environment,
      })
      child = started
      await until('the gateway answers', async () => {
        if (started.exitCode !== null)
          throw new Error(`junction up ended with ${started.exitCode}: see ${folder}/runtime.log`)
        const answer = await fetch(`${url}/healthz`).catch(() => undefined)
        return answer?.status === 200
      })
    },
    async crash() {
      const all = family(child?.pid as number)
      kill(child?.pid as number)
      const left = () => all.filter(({ pid }) => alive(pid))
      await until('its processes are gone', async () => left().length === 0, 20_000).catch(() => {})
      return left()
    },
    async stop() {
      const exited = new Promise<number | null>((resolve) => child?.once('exit', (code) => resolve(code)))
      child?.kill('SIGINT')
      const code = await exited
      await database?.pool.close().catch(() => {})
      return code
    },
    functions: () =>
      family(child?.pid ?? -1).filter(({ command }) => /dist\/(functions|test\/functions)\//.test(command)),
    postmaster() {
      return family(child?.pid ?? -1).find(
        ({ command }) => /postgres(\s|$).*-D/.test(command) || /bin\/postgres/.test(command),
      )?.pid
    },
    async retried(work) {
      for (const end = Date.now() + PATIENCE_MS; ; ) {
        try {
          return await work(open())
        } catch (error) {
          if (Date.now() > end) throw error
          await delay(100)
        }
      }
    },
    command(...args) {
      execFileSync(process.execPath, ['bin/junction', ...args, '--data', data], {
        env: environment,
        stdio: ['ignore', log, 'inherit'],
      })
    },
  }
}

/** Waits for a condition, asked every 50 ms. */
export async function until(what: string, condition: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await condition()); await delay(50)) {
    if (Date.now() > end) throw new Error(`waited ${patienceMs / 1000} s in vain until ${what}`)
  }
}
