import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What the system says of a running process. */
export interface ProcessInfo {
  parent: number
  command: string
}

/** Reads a process from /proc, or through `ps` where there is none; undefined when it does not run. */
export const processInfo = async (pid: number): Promise<ProcessInfo | undefined> => {
  try {
    const [stat, cmdline] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    // The name in parentheses may hold spaces; state and parent follow the last one.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : { parent: Number(parent), command: cmdline.replaceAll('\0', ' ').trim() }
  } catch {
    return process.platform === 'linux' ? undefined : await fromPs(pid)
  }
}

const fromPs = async (pid: number): Promise<ProcessInfo | undefined> => {
  try {
    const { stdout } = await run('ps', ['-o', 'ppid=,args=', '-p', String(pid)])
    const [, parent, command] = /^\s*(\d+)\s+(.*)$/m.exec(stdout) ?? []
    return parent && command ? { parent: Number(parent), command } : undefined
  } catch {
    return undefined
  }
}
