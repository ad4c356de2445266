import { execFileSync } from 'node:child_process'

/** A process of this machine. */
export interface Process {
  pid: number
  parent: number
  command: string
}

/** All processes. */
export function processes(): Process[] {
  return execFileSync('ps', ['-axo', 'pid=,ppid=,args='], { maxBuffer: 16 << 20 })
    .toString()
    .split('\n')
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)
      return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] as string }] : []
    })
}

/** A process and all below it. */
export function family(pid: number, all = processes()): Process[] {
  const own = all.filter((process) => process.pid === pid)
  const children = all.filter((process) => process.parent === pid)
  return [...own, ...children.flatMap((child) => family(child.pid, all))]
}

/** Whether a process of that pid lives, zombies apart. */
export function alive(pid: number, all = processes()): boolean {
  return all.some((process) => process.pid === pid && !process.command.includes('<defunct>'))
}

/** Kills by SIGKILL; false if it was gone. */
export function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}
