import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { family, kill, type Process } from '#test/e2e/processes.ts'
import { InVain, until } from '#test/e2e/runtime.ts'

/** A part of a city that runs as a process, and what can happen to it. */
export interface Part {
  /** Resolves when it answers. */
  start(): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; answers its exit code. */
  stop(): Promise<number | null>
  /** SIGSTOP: it is there, and does nothing. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
  pid(): number | undefined
  /** It and what it started. */
  family(): Process[]
}

/** How a part is run. */
export interface PartOptions {
  args: string[]
  env: Record<string, string>
  logFile: string
  /** Whether it answers. */
  ready(): Promise<boolean>
}

const GONE_MS = 30_000

/** Prepares a Node.js program as a part; nothing runs before `start`. */
export function openPart({ args, env, logFile, ready }: PartOptions): Part {
  const log = openSync(logFile, 'a')
  let child: ChildProcess | undefined
  const gone = () => child === undefined || child.exitCode !== null || child.signalCode !== null
  const signal = (name: NodeJS.Signals) => {
    if (!gone()) child?.kill(name)
  }
  return {
    async start() {
      const started = spawn(process.execPath, args, { env, stdio: ['ignore', log, log, 'ipc'] })
      child = started
      await until(`${args[0]} answers`, async () => {
        if (started.exitCode !== null) throw new InVain(`${args[0]} ended with ${started.exitCode}: see ${logFile}`)
        return ready()
      })
    },
    async kill() {
      if (gone()) return
      kill(child?.pid as number)
      await until(`${args[0]} is gone`, async () => gone(), GONE_MS)
    },
    async stop() {
      signal('SIGTERM')
      await until(`${args[0]} has ended after SIGTERM`, async () => gone(), GONE_MS)
      return child?.exitCode ?? null
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    pid: () => (gone() ? undefined : child?.pid),
    family: () => (gone() ? [] : family(child?.pid as number)),
  }
}
