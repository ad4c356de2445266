import { randomBytes } from 'node:crypto'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BUS_SECRETS, MADE_SECRETS } from '../secrets/secret-name.ts'

/** Where things lie in a data folder; all paths absolute. */
export interface DataFolder {
  path: string
  postgres: string
  secrets: string
  logs: string
}

/** Makes what is missing of a data folder: its parts and its secrets, which only their owner can read. */
export const openDataFolder = async (folder: string): Promise<DataFolder> => {
  const path = resolve(folder)
  const data = { path, postgres: join(path, 'postgres'), secrets: join(path, 'secrets'), logs: join(path, 'logs') }
  await mkdir(path, { recursive: true })
  await mkdir(data.logs, { recursive: true, mode: 0o700 })
  await mkdir(data.secrets, { recursive: true, mode: 0o700 })
  for (const name of MADE_SECRETS) await makeSecret(join(data.secrets, name))
  for (const name of BUS_SECRETS) await closeSecret(join(data.secrets, name))
  return data
}

const makeSecret = async (path: string): Promise<void> => {
  await writeFile(path, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o400 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
  await closeSecret(path)
}

/** Lets only its owner read a secret that is there. */
const closeSecret = async (path: string): Promise<void> => {
  await chmod(path, 0o400).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
