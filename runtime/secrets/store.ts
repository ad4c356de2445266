import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NAMESPACE } from '../stack/key.ts'
import { isOwn, isSecretName } from './secret-name.ts'

/** The secrets of functions: files that only their owner can read, by namespace. Values go in and never out. */
export interface SecretStore {
  /** Names, sorted; Junction's own are not among them. */
  list(namespace: string): Promise<string[]>
  has(namespace: string, name: string): Promise<boolean>
  /** Written whole or not at all; who reads the file again sees the new value. */
  write(namespace: string, name: string, value: Buffer): Promise<void>
  remove(namespace: string, name: string): Promise<void>
  /** Removes all of a namespace. */
  removeAll(namespace: string): Promise<void>
  /** Where the file of a secret lies. */
  fileOf(namespace: string, name: string): string
}

/** No secret can have this name: the default namespace's lie beside it. */
const OTHERS = '.namespaces'

/** Opens the secrets of a data folder. */
export const openSecretStore = (folder: string): SecretStore => {
  const folderOf = (namespace: string) => (namespace === NAMESPACE ? folder : join(folder, OTHERS, namespace))
  const fileOf = (namespace: string, name: string) => {
    if (!isSecretName(name)) throw new Error(`${name} is not the name of a secret`)
    return join(folderOf(namespace), name)
  }
  return {
    fileOf,
    list: async (namespace) => {
      const entries = await readdir(folderOf(namespace), { withFileTypes: true }).catch(() => [])
      const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
      return names.filter((name) => isSecretName(name) && !isOwn(name)).sort()
    },
    has: (namespace, name) =>
      stat(fileOf(namespace, name)).then(
        (found) => found.isFile(),
        () => false,
      ),
    write: async (namespace, name, value) => {
      const file = fileOf(namespace, name)
      await mkdir(folderOf(namespace), { recursive: true, mode: 0o700 })
      // No secret can have this name, so that a list in between does not show it; another writer has one of its own.
      const fresh = join(folderOf(namespace), `.${randomUUID()}.new`)
      try {
        await writeFile(fresh, value, { mode: 0o600, flush: true })
        await chmod(fresh, 0o600)
        await rename(fresh, file)
      } catch (error) {
        await rm(fresh, { force: true })
        throw error
      }
    },
    remove: (namespace, name) => rm(fileOf(namespace, name), { force: true }),
    removeAll: (namespace) => rm(join(folder, OTHERS, namespace), { recursive: true, force: true }),
  }
}
