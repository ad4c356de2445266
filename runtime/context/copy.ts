import { copyFile, mkdir, readdir, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Copies a file or a folder with the modes it has; links are followed, and one that leads nowhere is an error. Times are
 * kept, so that builders which look at them take what did not change from their cache.
 */
export const copyTree = async (from: string, to: string): Promise<void> => {
  const found = await stat(from)
  if (found.isDirectory()) {
    await mkdir(to, { recursive: true, mode: found.mode })
    for (const name of await readdir(from)) await copyTree(join(from, name), join(to, name))
  } else {
    await mkdir(dirname(to), { recursive: true })
    await copyFile(from, to)
  }
  await utimes(to, found.atime, found.mtime)
}

/** What a folder holds. */
export interface Size {
  files: number
  bytes: number
}

/** Counts the files of a folder and what is in them. */
export const sizeOf = async (path: string): Promise<Size> => {
  const found = await stat(path)
  if (!found.isDirectory()) return { files: 1, bytes: found.size }
  const parts = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))))
  return parts.reduce((sum, { files, bytes }) => ({ files: sum.files + files, bytes: sum.bytes + bytes }), {
    files: 0,
    bytes: 0,
  })
}
