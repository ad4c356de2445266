import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { family } from '../e2e/processes.ts'

/** The processes of the runtime by what they are, with all pids of each. */
export function processGroups(runtime: number): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const { pid, command } of family(runtime)) {
    const name = nameOf(command)
    groups.set(name, [...(groups.get(name) ?? []), pid])
  }
  return groups
}

function nameOf(command: string): string {
  const [, name] = /dist\/functions\/([^/]+)\//.exec(command) ?? []
  if (name !== undefined) return name
  if (command.includes('keeper.js')) return 'keeper'
  return /postgres/.test(command) ? 'PostgreSQL' : 'gateway and connector'
}

/** Memory of a process in MB: now, and its peak; of PostgreSQL's processes each has its share of what they share. */
export function memoryOf(pid: number): { now: number; peak: number; share: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const field = (text: string, name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024
  return { now: field(status, 'VmRSS'), peak: field(status, 'VmHWM'), share: field(rollup, 'Pss') }
}

/** Seconds of processor time that these processes have used, with the children each has seen end. */
export function cpuSeconds(pids: number[]): number {
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']).toString())
  const ticks = pids.map((pid) => {
    // The name in parentheses may hold spaces: utime, stime and those of the children are the 12th to 15th field behind it.
    const fields = stat(pid)?.split(') ')[1]?.split(' ') ?? []
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  })
  return ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond
}

// A worker of PostgreSQL may have ended since it was listed: its parent has its time then.
function stat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
}
