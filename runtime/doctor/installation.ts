import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findBinaries } from '../embedded/binaries.ts'
import { openStack } from '../up/stack-file.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const modified = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs

/** Whether the packages are those of the lock file. */
export const checkPackages = (root: string): Finding => {
  const [wanted, has] = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) =>
    modified(join(root, name)),
  )
  if (has === undefined) return fail('packages', 'not installed by npm', 'run "npm install" (or "npm start")')
  if (has < (wanted ?? 0)) return warn('packages', 'older than package-lock.json', 'run "npm install" (or "npm start")')
  return ok('packages', 'installed')
}

/** Whether every function of stack.yml is built. */
export const checkBuild = (root: string): Finding => {
  try {
    return ok(
      'build',
      openStack(root, undefined, {})
        .map(({ name }) => name)
        .join(', '),
    )
  } catch (error) {
    return fail('build', (error as Error).message, 'run "npm run build" after mending what it names')
  }
}

/** Whether PostgreSQL's program runs here: it is built for one kind of C library and processor. */
export const checkServer = async (): Promise<Finding> => {
  try {
    const { postgres } = await findBinaries()
    const { stdout } = await promisify(execFile)(postgres, ['--version'])
    return ok('PostgreSQL', stdout.trim().replace(/^postgres \(PostgreSQL\) /, ''))
  } catch (error) {
    const fix = 'run "npm install"; on a Linux without glibc (Alpine) choose another image'
    return fail('PostgreSQL', (error as Error).message.trim(), fix)
  }
}
