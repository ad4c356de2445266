import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
      const other = parse(text)
      if (other && (await lives(other)))
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

const parse = (text: string): Holder | undefined => {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}

const lives = async ({ pid, command }: Holder): Promise<boolean> =>
  pid !== process.pid && (await processInfo(pid))?.command === command

/** Two starters may find the same dead lock: the one that moved the other's new lock instead puts it back. */
const takeAway = async (lock: string, dead: string): Promise<void> => {
  const away = `${lock}.dead.${process.pid}`
  await rename(lock, away).catch(() => {})
  const moved = await readFile(away, 'utf8').catch(() => dead)
  if (moved !== dead) await linked(away, lock)
  await rm(away, { force: true })
}
