import { spawn, spawnSync } from 'node:child_process'
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

/** Runs jest to its end, on a project that is installed and built. */
export function jest(...args) {
  install()
  build('--with-tests')
  run(process.execPath, ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', ...args])
}

/** Runs a program as `run` does, while a line tells for how long; what it prints is shown at its end if it failed. */
function wait(what, command, args, onFailure) {
  const began = performance.now()
  const line = process.stdout.isTTY
    ? spawn(process.execPath, [join(root, 'scripts/elapsed.js'), what], { stdio: ['pipe', 'inherit', 'inherit'] })
    : undefined
  if (!line) console.log(what)
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, maxBuffer: 64 << 20 })
  line?.kill()
  if (line) process.stdout.write('\r\x1b[K')
  const seconds = Math.round((performance.now() - began) / 1000)
  if (status === 0) return console.log(`${what}: done in ${seconds} s`)
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  console.error(
    `${what} failed after ${seconds} s: ${error?.code === 'ENOENT' ? `${command} is not found, it comes with Node.js` : onFailure}`,
  )
  process.exit(status ?? 1)
}

/** Refuses a Node.js the packages do not run on. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(
    `Node.js ${process.versions.node} is too old: 20.19 or newer is needed (nodejs.org, or "nvm install 24")`,
  )
  process.exit(1)
}

const NO_PACKAGES = `see above. Without the npm registry nothing can be installed: "npm ping" tells whether it is reached;
a mirror goes into ~/.npmrc (registry=https://…), a proxy into HTTPS_PROXY`

/** Installs the packages if they are missing or older than the lock file. */
export function install() {
  requireNode()
  const stamp = join(root, 'node_modules/.package-lock.json')
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return
  // Not `npm ci`: it refuses a lock file that lacks the native packages of another platform than it was made on.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  wait('installing packages', 'npm', args, NO_PACKAGES)
}

/** Builds if a source is newer than the last build. */
export function build(...args) {
  const stamp = join(root, 'dist/built')
  const key = args.join(' ')
  const fresh =
    existsSync(stamp) && readFileSync(stamp, 'utf8').startsWith(key) && statSync(stamp).mtimeMs > newestSource()
  if (fresh) return
  wait('building', process.execPath, ['scripts/build.js', ...args], 'see above')
  writeFileSync(stamp, key)
}

function newestSource() {
  const programs = ['accuracy', 'functions', 'e2e', 'faults', 'api', 'bench', 'gateway', 'page', 'soak'].map(
    (name) => `test/${name}`,
  )
  const tops = [
    'functions',
    'shared',
    'models',
    'runtime',
    'demo',
    'dashboard',
    'scripts',
    ...programs,
    'package-lock.json',
    'stack.yml',
  ]
  return Math.max(...tops.map((top) => newest(join(root, top))))
}

function newest(path) {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
