import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { KeeperError } from './errors.ts'

const run = promisify(execFile)

/** The OS user PostgreSQL runs as; undefined means: as ourselves. */
export type Account = { uid: number; gid: number } | undefined

/** PostgreSQL refuses to run as root: there it gets the user `postgres`, made when missing. */
export const serverAccount = async (): Promise<Account> => {
  if (process.getuid?.() !== 0) return undefined
  const found = await findAccount()
  if (found) return found
  try {
    await run('groupadd', ['--force', '--system', 'postgres'])
    await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres'])
  } catch (error) {
    throw new KeeperError(
      `PostgreSQL refuses to run as root and the user "postgres" could not be made (${(error as Error).message.trim()}): ` +
        'make that user, or run as another user than root',
    )
  }
  return await findAccount()
}

/** The user `postgres`, undefined where there is none yet. */
export const findAccount = async (): Promise<Account> => {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

/** Fails, naming the folder, when the account cannot pass through every folder above `path`. */
export const checkReachable = async (path: string, account: Account, what: string): Promise<void> => {
  if (!account) return
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder)
    const passable = uid === account.uid ? mode & 0o100 : gid === account.gid ? mode & 0o010 : mode & 0o001
    if (!passable) {
      throw new KeeperError(
        `${what} ${path} is out of reach for the OS user "postgres", as which PostgreSQL runs under root: the folder ` +
          `${folder} is closed to it. Open it ("chmod o+x ${folder}"), choose a folder elsewhere, or run as another user than root`,
      )
    }
    if (folder === dirname(folder)) return
  }
}
