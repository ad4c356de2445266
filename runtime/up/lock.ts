import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { processInfo } from '../embedded/process-info.ts'
import { UserError } from '../user-error.ts'

interface Holder {
  pid: number
  command: string
}

/**
 * Takes a data folder for this process; throws UserError, which names the pid, while another runtime has it. A lock
 * whose process is gone, or is another program by now, is taken over.
 */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  const lock = join(folder, 'lock')
  const mine = join(folder, `lock.${process.pid}`)
  const holder: Holder = { pid: process.pid, command: (await processInfo(process.pid))?.command ?? '' }
  await writeFile(mine, JSON.stringify(holder))
  try {
    while (!(await linked(mine, lock))) {
      const text = await readFile(lock, 'utf8').catch(() => '')
      const other = await livingHolder(text)
      if (other)
        throw new UserError(
          `the data folder ${folder} is in use by the runtime with pid ${other.pid}: stop it (junction down), or choose another --data`,
        )
      await takeAway(lock, text)
    }
  } finally {
    await rm(mine, { force: true })
  }
  return () => rm(lock, { force: true })
}

const linked = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )

/** The pid of the runtime that has a data folder, undefined when none has. */
export const lockHolder = async (folder: string): Promise<number | undefined> => {
  const text = await readFile(join(resolve(folder), 'lock'), 'utf8').catch(() => '')
  return (await livingHolder(text))?.pid
}

/** A pid may belong to anybody by now: only the very command that took the lock counts. */
const livingHolder = async (text: string): Promise<Holder | undefined> => {
  let holder: Holder
  try {
    holder = JSON.parse(text) as Holder
  } catch {
    return undefined
  }
  const lives = holder.pid !== process.pid && (await processInfo(holder.pid))?.command === holder.command
  return lives ? holder : undefined
}

/** Two starters may find the same dead lock: the one that moved the other's new lock instead puts it back. */
const takeAway = async (lock: string, dead: string): Promise<void> => {
  const away = `${lock}.dead.${process.pid}`
  await rename(lock, away).catch(() => {})
  const moved = await readFile(away, 'utf8').catch(() => dead)
  if (moved !== dead) await linked(away, lock)
  await rm(away, { force: true })
}
