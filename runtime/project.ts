import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder: where package.json stands above this module, as source or built. */
export const projectRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) throw new Error('no package.json above the runtime: the installation is incomplete')
    folder = dirname(folder)
  }
  return folder
}

/** What package.json says of Junction itself. */
export const projectPackage = (): { version: string; engines: { node: string } } =>
  JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8'))
