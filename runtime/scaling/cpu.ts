import { readFileSync } from 'node:fs'

/** Linux counts processor time for programs in hundredths of a second on every machine. */
const MS_PER_TICK = 10

/** Processor time in ms that some processes and all that descend from them have used since it was asked first. */
export const createCpuTime = () => {
  const before = new Map<number, number>()
  let total = 0
  return (pids: number[]): number => {
    const living = new Set<number>()
    for (const pid of pids) descend(pid, living)
    for (const pid of living) {
      const now = ticksOf(pid)
      if (now === undefined) continue
      const last = before.get(pid)
      if (last !== undefined && now > last) total += (now - last) * MS_PER_TICK
      before.set(pid, now)
    }
    for (const pid of before.keys()) if (!living.has(pid)) before.delete(pid)
    return total
  }
}

const descend = (pid: number, into: Set<number>): void => {
  if (into.has(pid)) return
  into.add(pid)
  for (const child of (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ')) {
    if (child !== '') descend(Number(child), into)
  }
}

/** Its own time and that of its children that have ended, which nobody else can tell any more. */
const ticksOf = (pid: number): number | undefined => {
  const stat = read(`/proc/${pid}/stat`)
  // The name in parentheses may hold spaces: the rest follows the last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
