import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { patient } from '../postgres.ts'
import { alive, family, kill, type Process, processes } from './processes.ts'

/** A runtime under test: the real command on a data folder of its own. */
export interface Runtime {
  url: string
  start(): Promise<void>
  /** SIGKILLs it; answers which of its processes were still there after 20 s, of its PostgreSQL after two minutes. */
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
const START_MS = 300_000

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
      const pool = openDatabase({
        ...{ url: patient(databaseUrl), password, max: 2, name: 'e2e' },
        ...{ answerMs: 0, connectMs: 0 },
      })
      database = { url: databaseUrl, pool }
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
      await until(
        'the gateway answers',
        async () => {
          if (started.exitCode !== null)
            throw new InVain(`junction up ended with ${started.exitCode}: see ${folder}/runtime.log`)
          const answer = await fetch(`${url}/healthz`).catch(() => undefined)
          return answer?.status === 200
        },
        START_MS,
      ).catch((error) => {
        started.kill('SIGKILL')
        throw error
      })
    },
    async crash() {
      const all = family(child?.pid as number)
      kill(child?.pid as number)
      let left = all
      const gone = (which: (one: Process) => boolean) => async () => {
        const living = processes()
        left = all.filter(({ pid }) => alive(pid, living))
        return !left.some(which)
      }
      const isOfPostgres = ({ command }: Process) => /postgres|keeper\.js/.test(command)
      await until(
        'its functions are gone',
        gone((one) => !isOfPostgres(one)),
        20_000,
      )
        // Which stops with a checkpoint, and a busy disk makes that long.
        .then(() => until('its PostgreSQL is gone', gone(isOfPostgres), 120_000))
        .catch(() => {})
      return left
    },
    async stop() {
      if (child?.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGINT')
        await exited
      }
      await database?.pool.close().catch(() => {})
      return child?.exitCode ?? null
    },
    functions: () =>
      family(child?.pid ?? -1).filter(({ command }) => /dist\/(functions|test\/functions)\//.test(command)),
    postmaster() {
      return family(child?.pid ?? -1).find(
        ({ command }) => /postgres(\s|$).*-D/.test(command) || /bin\/postgres/.test(command),
      )?.pid
    },
    async retried(work) {
      for (const end = Date.now() + START_MS; ; ) {
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

/** What will not come true any more. */
export class InVain extends Error {
  override name = 'InVain'
}

/** Waits for a condition, asked every 50 ms; that it could not be asked ends nothing, but `InVain` does. */
export async function until(what: string, condition: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  for (const end = performance.now() + patienceMs; ; await delay(50)) {
    let cause: unknown
    try {
      if (await condition()) return
    } catch (error) {
      if (error instanceof InVain) throw error
      cause = error
    }
    if (performance.now() > end) throw new Error(`waited ${patienceMs / 1000} s in vain until ${what}`, { cause })
  }
}
