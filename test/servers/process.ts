import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { until } from './until.ts'

/** A server process that dies with this one, however this one ends. */
export interface ServerProcess {
  pid: number
  readonly alive: boolean
  signal(name: NodeJS.Signals): void
  /** SIGSTOP, until each of its threads stands still: one that has not heard of it yet would still answer. */
  freeze(): Promise<void>
  /** Ends it, with SIGKILL if it takes longer than `graceMs`. */
  stop(graceMs?: number): Promise<void>
  /** The last of what it printed. */
  tail(): Promise<string>
}

// The shell holds the other end of our standard output: when this process is gone it kills the server, even a stopped one.
const guard = `exec 3<&0
out=$1; shift
"$@" </dev/null >>"$out" 2>&1 3<&- &
server=$!
echo $server
{ cat <&3 >/dev/null; kill -9 $server; } 2>/dev/null &
guard=$!
wait $server
kill $guard 2>/dev/null`

/** Starts a program; what it prints goes to the file `output`. */
export async function startProcess(
  command: string,
  args: string[],
  { output, env = {} }: { output: string; env?: Record<string, string> },
): Promise<ServerProcess> {
  const shell = spawn('sh', ['-c', guard, 'sh', output, command, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  })
  let alive = true
  const exited = once(shell, 'exit').then(() => {
    alive = false
    shell.stdin.destroy()
  })
  const [line] = await once(shell.stdout, 'data')
  const pid = Number(line)
  // Whoever forgets it can end: the guard then kills it.
  const held = [shell, shell.stdin as Socket, shell.stdout as Socket]
  for (const one of held) one.unref()
  const signal = (name: NodeJS.Signals) => {
    try {
      if (alive) process.kill(pid, name)
    } catch (error) {
      // It is gone, and the shell has not told so yet.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return {
    pid,
    get alive() {
      return alive
    },
    signal,
    async freeze() {
      signal('SIGSTOP')
      await until('a standstill', async () => {
        const threads = await readdir(`/proc/${pid}/task`)
        const states = await Promise.all(threads.map((thread) => stateOf(`/proc/${pid}/task/${thread}/stat`)))
        return states.every((state) => state === 'T')
      })
    },
    async stop(graceMs = 10_000) {
      for (const one of held) one.ref()
      signal('SIGTERM')
      signal('SIGCONT')
      const timer = setTimeout(() => signal('SIGKILL'), graceMs)
      await exited
      clearTimeout(timer)
    },
    async tail() {
      return (await readFile(output, 'utf8').catch(() => '')).slice(-2000)
    },
  }
}

// The name in front is in brackets, and may have some itself.
const stateOf = async (file: string) => (await readFile(file, 'utf8')).split(') ').at(-1)?.[0]
