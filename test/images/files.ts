import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Every file below a folder, links as well, by its path from there. */
export function filesOf(folder: string): string[] {
  const walk = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      const inner = join(path, entry.name)
      return entry.isDirectory() ? walk(inner) : [relative(folder, inner)]
    })
  return walk(folder).sort()
}

/** What of an image's files is not, or not so, in the image it stands on. */
export function addedTo(base: string, image: string): string[] {
  const kept = new Set(filesOf(base))
  return filesOf(image).filter((file) => !kept.has(file) || !isSame(join(base, file), join(image, file)))
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [lstatSync(one), lstatSync(other)]
  return a.mode === b.mode && a.size === b.size && (!a.isFile() || hashOf(one) === hashOf(other))
}

/** What tells whether two files are alike. */
export const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

/** The files of a folder that hold a text. */
export const holding = (folder: string, text: string): string[] =>
  filesOf(folder).filter((file) => {
    const path = join(folder, file)
    return lstatSync(path).isFile() && readFileSync(path).includes(text)
  })

/** The sizes of a folder's files, in all. */
export const bytesOf = (folder: string, files: string[]): number =>
  files.reduce((sum, file) => sum + lstatSync(join(folder, file)).size, 0)

/** The files of a folder that not everybody can read. */
export const closedIn = (folder: string, files: string[]): string[] =>
  files.filter((file) => {
    const path = lstatSync(join(folder, file))
    const within = lstatSync(join(folder, dirname(file)))
    return (path.mode & 0o004) === 0 || (within.mode & 0o005) !== 0o005
  })
