import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { namesIn } from './bundle/options.js'

/**
 * The folders that are deployables, with what stack.yml declares for each: those of functions/, and on request the
 * functions that only tests deploy.
 */
export async function handlerFolders(root, withTests) {
  const { functions } = parse(readFileSync(join(root, 'stack.yml'), 'utf8'))
  const declared = new Map(Object.values(functions).map(({ handler, build_args = {} }) => [join(handler), build_args]))
  const parents = withTests ? ['functions', 'test/functions'] : ['functions']
  const found = await Promise.all(
    parents.map(async (parent) => {
      const names = existsSync(join(root, parent)) ? await readdir(join(root, parent)) : []
      return names.map((name) => `${parent}/${name}`)
    }),
  )
  return found
    .flat()
    .filter((folder) => ['entry.ts', 'handler.ts'].some((file) => existsSync(join(root, folder, file))))
    .map((folder) => {
      const { NATIVE, ASSETS } = declared.get(join(folder)) ?? {}
      return { folder, native: namesIn(NATIVE), assets: namesIn(ASSETS) }
    })
}
