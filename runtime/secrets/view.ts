import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '#shared/secret.ts'
import { keyOf } from '../stack/key.ts'
import type { StackFunction } from '../stack/types.ts'
import type { SecretStore } from './store.ts'

/** The folder in which a program finds the secrets that its definition names, and no others. */
export type SecretView = (definition: StackFunction) => string

/**
 * Makes the folders in `root`, which is laid out anew: links, so that a changed secret is there at once. Two revisions of
 * a function that name different secrets have different folders, for both may run.
 */
export const openSecretViews = (root: string, store: SecretStore): SecretView => {
  rmSync(root, { recursive: true, force: true })
  return (definition) => {
    const { namespace, secrets } = definition
    const revision = sha256(JSON.stringify([...secrets].sort()))
      .toString('hex')
      .slice(0, 8)
    const folder = join(root, keyOf(definition), revision)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of secrets) {
      const link = join(folder, name)
      if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(store.fileOf(namespace, name), link)
    }
    return folder
  }
}
