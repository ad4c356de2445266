import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a program to its end, its output shown; a failure ends this script with the same status. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

/** Refuses a Node.js the packages do not run on. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Node.js ${process.versions.node} is too old: 20.19 or newer is needed`)
  process.exit(1)
}

/** Installs the packages if they are missing or older than the lock file. */
export function install() {
  requireNode()
  const stamp = join(root, 'node_modules/.package-lock.json')
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return
  console.log('installing packages')
  // Not `npm ci`: it refuses a lock file that lacks the native packages of another platform than it was made on.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** Builds if a source is newer than the last build. */
export function build(...args) {
  const stamp = join(root, 'dist/built')
  const key = args.join(' ')
  const fresh =
    existsSync(stamp) && readFileSync(stamp, 'utf8').startsWith(key) && statSync(stamp).mtimeMs > newestSource()
  if (fresh) return
  run(process.execPath, ['scripts/build.js', ...args])
  writeFileSync(stamp, key)
}

function newestSource() {
  const tops = ['functions', 'shared', 'runtime', 'demo', 'dashboard', 'scripts', 'test/functions', 'package-lock.json']
  return Math.max(...tops.map((top) => newest(join(root, top))))
}

function newest(path) {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
