import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './prepare.js'

/** A copy of the project as git sees it, changes included, on the same packages: for what writes into its sources. */
export function copyCheckout(folder) {
  const git = (cwd, ...args) => execFileSync('git', args, { cwd, maxBuffer: 16 << 20 }).toString()
  const files = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0')
  for (const file of files.filter((one) => one !== '' && existsSync(join(root, one)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    // With its times: a lock file newer than the packages would have them installed again.
    cpSync(join(root, file), join(folder, file), { preserveTimestamps: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  git(folder, 'init', '--quiet')
}

const [, script, folder] = process.argv
if (script === import.meta.filename && folder !== undefined) copyCheckout(folder)
