import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What some processes and their children use. */
export interface Usage {
  /** Thousandths of a core. */
  cpu: number
  totalMemoryBytes: number
}

interface Seen {
  pid: number
  parent: number
  cpu: number
  memory: number
}

/** Sums up processes and all that descend from them; those that are gone count nothing. */
export const usageOf = async (pids: number[]): Promise<Usage> => {
  const all = pids.length === 0 ? [] : process.platform === 'linux' ? await fromProc() : await fromPs()
  const wanted = new Set(pids)
  for (let before = -1; before !== wanted.size; ) {
    before = wanted.size
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid)
  }
  const used = all.filter(({ pid }) => wanted.has(pid))
  return {
    cpu: used.reduce((sum, { cpu }) => sum + cpu, 0),
    totalMemoryBytes: used.reduce((sum, { memory }) => sum + memory, 0),
  }
}

/** Linux counts processor time for programs in hundredths of a second on every machine. */
const TICKS = 100

const fromProc = async (): Promise<Seen[]> => {
  const uptime = Number.parseFloat(await readFile('/proc/uptime', 'utf8'))
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(pids.map((pid) => readProcess(Number(pid), uptime).catch(() => undefined)))
  return all.filter((one) => one !== undefined)
}

const readProcess = async (pid: number, uptime: number): Promise<Seen> => {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ])
  // The name in parentheses may hold spaces: state, parent and the rest follow the last one.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [parent = 0, user = 0, system = 0, started = 0] = [fields[1], fields[11], fields[12], fields[19]]
  const seconds = Math.max(uptime - started / TICKS, 1 / TICKS)
  const cpu = ((user + system) / TICKS / seconds) * 1000
  return { pid, parent, cpu, memory: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024 }
}

const fromPs = async (): Promise<Seen[]> => {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,pcpu=,rss='])
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, percent = 0, kib = 0]) => ({ pid, parent, cpu: percent * 10, memory: kib * 1024 }))
}
