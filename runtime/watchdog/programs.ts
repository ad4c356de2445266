import { type ChildProcessByStdio, type StdioOptions, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Guard } from './guard.ts'
import type { WatchdogLog } from './log.ts'

/** A program that runs, with a process group of its own. */
export interface Program {
  pid: number | undefined
  stdin: Writable
  stdout: Readable
  /** How it ended, once it and its output are over: undefined is success. */
  ended: Promise<string | undefined>
  /** SIGTERM to its whole group, SIGKILL to what is left of it 2 s later. */
  end(): void
}

/** Starts programs; none of them outlives this process. */
export interface Programs {
  /** Its stderr goes to the log. */
  start(command: [string, ...string[]], environment: Record<string, string | undefined>): Program
  /** SIGKILL to every group, at once. */
  killAll(): void
}

const KILL_AFTER_MS = 2_000

/** This process may be killed at any moment: nothing begins before the guard knows of it. */
const BEGIN = 'echo "+ $$" >&3 && exec "$@" 3>&-'

/** A shell drops variables with names it cannot have, such as `spring.profile`: they are given to the program by `env`. */
const oddOnes = (env: Record<string, string | undefined>): string[] => {
  const odd = Object.entries(env).filter(([name, value]) => value !== undefined && !/^[A-Za-z_]\w*$/.test(name))
  return odd.length === 0 ? [] : ['env', ...odd.map(([name, value]) => `${name}=${value}`)]
}

/** Starts programs in groups that the guard knows of. */
export const createPrograms = (guard: Guard, log: WatchdogLog): Programs => {
  const running = new Set<number>()

  const start: Programs['start'] = (command, env) => {
    const args = ['-c', BEGIN, 'sh', ...oddOnes(env), ...command]
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', guard.channel()]
    const child = spawn('/bin/sh', args, { env, detached: true, stdio }) as ChildProcessByStdio<
      Writable,
      Readable,
      Readable
    >
    // Told to whom it concerns by `ended`: nobody else is to die of it.
    child.on('error', () => {})
    const { pid, stdin, stdout, stderr } = child
    // Without files for its pipes it has none at all.
    if (stdin === undefined) throw new Error('too many files are open')
    if (pid !== undefined) {
      running.add(pid)
      guard.add(pid)
    }
    // A program need not read what it is given.
    stdin.on('error', () => {})
    stdout.on('error', () => {})
    stderr.pipe(log.linesOf('stderr'))
    let timer: NodeJS.Timeout | undefined
    const forget = () => {
      if (pid === undefined || !running.delete(pid)) return
      // What it left behind in its group ends with it.
      signal(pid, 'SIGKILL')
      guard.remove(pid)
    }
    // Its number is free for others once nobody of its group is left.
    child.once('exit', () => {
      if (pid !== undefined && !signal(pid, 0)) forget()
    })
    child.once('close', () => {
      clearTimeout(timer)
      forget()
    })
    return {
      ...{ pid, stdin, stdout },
      ended: endOf(child),
      end: () => {
        if (pid === undefined || timer !== undefined) return
        if (running.has(pid)) signal(pid, 'SIGTERM')
        timer = setTimeout(() => {
          if (running.has(pid)) signal(pid, 'SIGKILL')
          // Whoever left the group may hold them open for ever.
          stdout.destroy()
          stderr.destroy()
        }, KILL_AFTER_MS)
      },
    }
  }

  return {
    start,
    killAll: () => {
      for (const pid of running) signal(pid, 'SIGKILL')
    },
  }
}

const endOf = (child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<string | undefined> =>
  new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(`could not be started: ${message}`))
    child.once('close', (code, signal) => {
      if (signal !== null) resolve(`was ended by ${signal}`)
      else resolve(code === 0 ? undefined : `ended with exit code ${code}`)
    })
  })

/** Whether anybody of that group was there. */
const signal = (group: number, name: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-group, name)
  } catch {
    return false
  }
}
