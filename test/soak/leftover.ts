import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The processes that this one has started and theirs, as `pid command`. */
export const descendants = (): string[] => {
  const parents = new Map<number, { parent: number; command: string }>()
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    try {
      const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      parents.set(pid, { parent: Number(parent), command })
    } catch {
      // It has ended since.
    }
  }
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid)?.parent
    return parent !== undefined && (parent === process.pid || isOurs(parent))
  }
  return [...parents].filter(([pid]) => isOurs(pid)).map(([pid, { command }]) => `${pid} ${command}`)
}

/** Files in a folder and below, but for what was built. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name !== 'dist')
    .flatMap((name) => {
      const path = join(folder, name)
      return statSync(path).isDirectory() ? filesIn(path) : [path]
    })

/** Open files, sockets and pipes of this process. */
export const openDescriptors = (): number => readdirSync('/proc/self/fd').length

/** What this process holds of others, one for each. */
export const processHandles = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap')

/** Whether a condition comes true in so long. */
export const comesTrue = async (condition: () => boolean, patienceMs: number): Promise<boolean> => {
  const deadline = performance.now() + patienceMs
  while (!condition()) {
    if (performance.now() > deadline) return false
    await sleep(2)
  }
  return true
}
