import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The folders that are deployables: those of functions/, and on request the functions that only tests deploy. */
export async function handlerFolders(root, withTests) {
  const parents = withTests ? ['functions', 'test/functions'] : ['functions']
  const found = await Promise.all(
    parents.map(async (parent) => {
      const names = existsSync(join(root, parent)) ? await readdir(join(root, parent)) : []
      return names.map((name) => ({
        folder: `${parent}/${name}`,
        hasEntry: existsSync(join(root, parent, name, 'entry.ts')),
      }))
    }),
  )
  return found.flat().filter(({ folder, hasEntry }) => hasEntry || existsSync(join(root, folder, 'handler.ts')))
}
