import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { UserError } from '../user-error.ts'
import { lockHolder } from './lock.ts'

/** `<data>/runtime.json`: how to reach the running runtime of a data folder. */
export const RuntimeFile = z.object({
  pid: z.int().positive(),
  url: z.url(),
  databaseUrl: z.string(),
  startedAt: z.iso.datetime(),
})
export type RuntimeFile = z.infer<typeof RuntimeFile>

const pathIn = (folder: string): string => join(resolve(folder), 'runtime.json')

/** Writes it whole or not at all; the result removes it. */
export const writeRuntimeFile = async (folder: string, file: RuntimeFile): Promise<() => Promise<void>> => {
  const path = pathIn(folder)
  await writeFile(`${path}.new`, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return () => rm(path, { force: true })
}

/** Reads it; throws UserError when no runtime is running on that data folder, or not one this user may reach. */
export const readRuntimeFile = async (folder: string): Promise<RuntimeFile> => {
  const path = pathIn(folder)
  const pid = await lockHolder(folder)
  if (pid === undefined)
    throw new UserError(`no runtime is running on ${resolve(folder)}: start one with "junction up", or give its --data`)
  const notYet = `the runtime (pid ${pid}) of ${resolve(folder)} is starting or stopping: try again in a moment`
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UserError(notYet)
    throw new UserError(`${path} cannot be read (${error.code}): run this as the user the runtime (pid ${pid}) runs as`)
  })
  const file = parse(text)
  if (file === undefined)
    throw new UserError(`${path} is not as this version of Junction writes it: "junction down" stops the runtime`)
  // Left by one that was killed; the one that has the folder now has not written its own yet.
  if (file.pid !== pid) throw new UserError(notYet)
  return file
}

const parse = (text: string): RuntimeFile | undefined => {
  try {
    return RuntimeFile.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
