import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { openDocument } from '../stack/document.ts'
import { UserError } from '../user-error.ts'
import { copyTree, type Size, sizeOf } from './copy.ts'
import type { FunctionSource } from './plan.ts'

/** Where a function's context is made of what. */
export interface ContextSource {
  /** The folder that paths in stack.yml start from, and that holds `template/`. */
  root: string
  source: Pick<FunctionSource, 'name' | 'lang' | 'handler'>
  copy: string[]
  /** The context's own folder: what an earlier context left there is wiped. */
  folder: string
}

const DEFAULT_HANDLER_FOLDER = 'function'
/** What faas-cli passes over at the top of a handler's folder. */
const SKIPPED = ['build', 'template']

/** Lays out the context of a function's image as `faas-cli build --shrinkwrap` does. */
export const layContext = async ({ root, source, copy, folder }: ContextSource): Promise<Size> => {
  const template = join(root, 'template', source.lang)
  if (source.lang.toLowerCase() === 'dockerfile')
    throw new UserError(`${source.name} has lang dockerfile: ${source.handler} itself is its context`)
  const settings = await readFile(join(template, 'template.yml'), 'utf8').catch(() => {
    throw new UserError(`template/${source.lang}/template.yml is not in ${root}: run this where stack.yml is`)
  })
  const extras = copy.map((path) => inside(root, path))
  await wipe(folder)
  const place = join(folder, handlerFolder(`template/${source.lang}/template.yml`, settings))
  await mkdir(place, { recursive: true, mode: 0o700 })
  await copied(template, folder)
  const handler = resolve(root, source.handler)
  const names = await readdir(handler).catch(() => {
    throw new UserError(`the handler ${source.handler} of ${source.name} is no folder`)
  })
  for (const name of names.filter((one) => !SKIPPED.includes(one))) await copied(join(handler, name), join(place, name))
  for (const path of extras) await copied(join(root, path), join(place, path))
  return sizeOf(folder)
}

const handlerFolder = (file: string, text: string): string => {
  const document = openDocument(file, text)
  const entry = document.entries(document.root, file).find(({ key }) => key === 'handler_folder')
  return (entry && document.text(entry.value, 'handler_folder')) || DEFAULT_HANDLER_FOLDER
}

/** A path of `configuration.copy`, from the root on; what is outside, or all of it, is refused as faas-cli does. */
const inside = (root: string, path: string): string => {
  const within = relative(root, resolve(root, path))
  if (within === '') throw new UserError(`configuration.copy names ${path}, which is the whole project`)
  if (within === '..' || within.startsWith(`..${sep}`))
    throw new UserError(`configuration.copy names ${path}, which is outside of the project`)
  if (!existsSync(join(root, within))) throw new UserError(`configuration.copy names ${path}, which is not there`)
  return within
}

const copied = (from: string, to: string): Promise<void> =>
  copyTree(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ELOOP') throw error
    throw new UserError(`${error.path ?? from} is a link that leads nowhere: it cannot be in a context`)
  })

/** Only what is a context is wiped: a slip of the finger must not cost a folder of sources. */
const wipe = async (folder: string): Promise<void> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length > 0 && !['Dockerfile', 'template.yml'].every((name) => names.includes(name)))
    throw new UserError(`${folder} is no context of a build: give another folder by --out`)
  await rm(folder, { recursive: true, force: true })
}
