import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { processInfo } from '../embedded/process-info.ts'
import { UserError } from '../user-error.ts'

/** `<data>/runtime.json`: how to reach the running runtime of a data folder. */
export const RuntimeFile = z.object({
  pid: z.int().positive(),
  url: z.url(),
  databaseUrl: z.string(),
  socketDir: z.string(),
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

/** Reads it; throws UserError when no runtime is running on that data folder. */
export const readRuntimeFile = async (folder: string): Promise<RuntimeFile> => {
  const text = await readFile(pathIn(folder), 'utf8').catch(() => undefined)
  const file = text === undefined ? undefined : RuntimeFile.parse(JSON.parse(text))
  if (file === undefined || (await processInfo(file.pid)) === undefined)
    throw new UserError(`no runtime is running on ${resolve(folder)}: start one with "junction up", or give its --data`)
  return file
}
