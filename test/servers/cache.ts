import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where test runs keep what they need again. */
export const cacheFolder = join(process.env.JUNCTION_CACHE ?? join(homedir(), '.cache/junction'), 'servers')

/**
 * The folder of what is downloaded or built once for all test runs, outside the tree; `make` fills it the first time.
 * A run that is cut short, or two at once, leave no half of it.
 */
export async function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const path = join(cacheFolder, name)
  if (existsSync(path)) return path
  await mkdir(cacheFolder, { recursive: true })
  const draft = await mkdtemp(join(cacheFolder, `.${name}-`))
  try {
    await make(draft)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(path)) throw error
  }
  return path
}
