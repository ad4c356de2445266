import { accessSync, constants, statSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import type { Program } from '../stack/types.ts'
import { DeploymentRefused } from './types.ts'

/** What can be run here. */
export interface Runnable {
  /** Folder of each built function, as in `functions/city`. */
  folders: string[]
  /** Where programs are looked for, as in `PATH`. */
  path: string
}

/** What a deployment's image and process stand for here; throws DeploymentRefused where that is nothing. */
export const programOf = (image: string, process: string | undefined, { folders, path }: Runnable): Program => {
  const repository = repositoryOf(image)
  const folder = folders.find((one) => repository === basename(one) || repository.endsWith(`/${basename(one)}`))
  if (folder !== undefined) return { kind: 'built', folder }
  const command = process?.trim()
  const program = command?.split(/\s+/)[0]
  if (command && program && isProgram(program, path)) return { kind: 'process', command }
  const built = folders.map((one) => basename(one)).join(', ')
  throw new DeploymentRefused(
    400,
    `the image ${image} cannot be run here: no image is pulled, and it is none of the functions that are built (${built})` +
      (program
        ? `, and its process ${program} is no program on this machine: install it, or give its absolute path`
        : ', and it names no process: set envProcess (fprocess) to a program of this machine'),
  )
}

/** An image without registry, tag and digest. */
const repositoryOf = (image: string): string =>
  image
    .replace(/@.*$/, '')
    .replace(/:[^:/]*$/, '')
    .replace(/^[^/]*[.:][^/]*\/|^localhost\//, '')

const isProgram = (program: string, path: string): boolean =>
  program.includes('/')
    ? program.startsWith('/') && isExecutable(program)
    : path.split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, program)))

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
