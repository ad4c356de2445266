import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What PostgreSQL writes into `postmaster.pid` of its data folder. */
export interface PostmasterFile {
  pid: number
  socketDir: string
  ready: boolean
}

/** Reads the `postmaster.pid` of a data folder, undefined when there is none (lines: PostgreSQL's miscadmin.h). */
export const readPostmasterFile = async (dataDir: string): Promise<PostmasterFile | undefined> => {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return { pid, socketDir: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' }
}
