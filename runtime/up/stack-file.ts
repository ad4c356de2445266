import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readStack, type StackSource } from '../stack/read.ts'
import type { StackFunction } from '../stack/types.ts'
import { UserError } from '../user-error.ts'

/** Reads stack.yml for this project: within what OpenFaaS CE takes, or for any platform. */
export const readStackFile = (
  root: string,
  file: string | undefined,
  env: Record<string, string | undefined>,
  platform: StackSource['platform'] = 'ce',
): StackFunction[] => {
  const path = file === undefined ? join(root, 'stack.yml') : resolve(file)
  const inRoot = (name: string) => resolve(root, name)
  const text = readText(path)
  if (text === undefined) throw new UserError(`${path} cannot be read: give the file of the functions by --stack`)
  const isFolder = (name: string) => statSync(inRoot(name), { throwIfNoEntry: false })?.isDirectory() === true
  return readStack({ file: path, text, env, platform, isFolder, readText: (name) => readText(inRoot(name)) }).functions
}

/** Reads stack.yml for this project and checks that its functions are built. */
export const openStack = (
  root: string,
  file: string | undefined,
  env: Record<string, string | undefined>,
): StackFunction[] => {
  const functions = readStackFile(root, file, env)
  for (const { name, program } of functions) {
    if (program.kind === 'built' && !existsSync(join(root, 'dist', program.folder, 'index.js')))
      throw new UserError(`the function ${name} (${program.folder}) is not built: run "npm run build"`)
  }
  return functions
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
