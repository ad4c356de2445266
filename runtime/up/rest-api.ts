import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Runnable } from '../deployments/definition.ts'
import { type Namespaces, openNamespaces } from '../gateway/namespaces.ts'
import { openSecretStore, type SecretStore } from '../secrets/store.ts'
import type { DataFolder } from './data-folder.ts'

/** What the REST API works on beside the functions. */
interface RestApi {
  namespaces: Namespaces
  secrets: SecretStore
  logDir: string
  runnable(): Runnable
}

/** Opens what the REST API keeps in the data folder. */
export const openRestApi = async (distDir: string, data: DataFolder, path: string): Promise<RestApi> => ({
  namespaces: await openNamespaces(join(data.path, 'namespaces.json')),
  secrets: openSecretStore(data.secrets),
  logDir: data.logs,
  runnable: () => ({ folders: builtIn(distDir), path }),
})

/** The folders of built functions; those of the tests are there where they were built too. */
const builtIn = (distDir: string): string[] =>
  ['functions', 'test/functions'].flatMap((folder) => {
    if (!existsSync(join(distDir, folder))) return []
    const names = readdirSync(join(distDir, folder)).sort()
    return names
      .filter((name) => existsSync(join(distDir, folder, name, 'index.js')))
      .map((name) => `${folder}/${name}`)
  })
