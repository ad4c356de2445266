import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { type Finding, fail, ok, size, warn } from './finding.ts'

const MiB = 2 ** 20
const GiB = 2 ** 30

const numbers = (version: string): number[] => version.split('.').map(Number)

/** Holds the version of Node.js against `engines.node` of package.json (`>=20.19`). */
export const judgeNode = (version: string, engines: string): Finding => {
  const least = engines.replace(/^>=/, '')
  const [needed, has] = [numbers(least), numbers(version)]
  const at = needed.findIndex((part, i) => part !== has[i])
  if (at < 0 || (has[at] ?? 0) > (needed[at] ?? 0)) return ok('Node.js', version)
  return fail('Node.js', `${version} is too old`, `install ${least} or newer (nodejs.org, or "nvm install 24")`)
}

/** Whether Junction runs on this system at all. */
export const judgeSystem = (platform: string, arch: string): Finding => {
  if (platform === 'linux' || platform === 'darwin') return ok('system', `${platform} ${arch}`)
  return fail('system', `${platform} has no processes and sockets as Junction needs them`, 'use Linux, macOS or WSL2')
}

/** Holds the memory nobody uses against what PostgreSQL and a few functions take. */
export const judgeMemory = (free: number): Finding => {
  const text = `${size(free)} free`
  if (free < 400 * MiB) return fail('memory', text, 'end other programs, or give the container more: 1 GiB is enough')
  if (free < GiB) return warn('memory', text, 'it starts; leave 1 GiB for it to have several replicas')
  return ok('memory', text)
}

/** Holds the limit of open files against the connections of clients, functions and PostgreSQL. */
export const judgeFiles = (limit: number): Finding => {
  const fix = 'raise it ("ulimit -n 65536", or LimitNOFILE= of the service)'
  if (limit < 512) return fail('open files', `${limit} at most`, fix)
  if (limit < 4096) return warn('open files', `${limit} at most: two for each open stream or slow client`, fix)
  return ok('open files', limit === Number.POSITIVE_INFINITY ? 'unlimited' : `${limit} at most`)
}

/** PostgreSQL and the functions must not outgrow the disk: the write-ahead log alone may take 4 GiB. */
export const judgeDisk = (free: number, folder: string): Finding => {
  const text = `${size(free)} free for ${folder}`
  const fix = 'free some, or choose a --data on another disk; what "npm run clean -- --dry-run" lists can go'
  if (free < 500 * MiB) return fail('disk', text, fix)
  if (free < 6 * GiB) return warn('disk', `${text}; the write-ahead log alone may take 4 GiB`, fix)
  return ok('disk', text)
}

const SLACK_MS = 60_000

/** A clock that stands before what was certainly written earlier is wrong: readings would be refused as of the future. */
export const judgeClock = (now: number, earlier: { what: string; at: number }[]): Finding => {
  const late = earlier.find(({ at }) => at > now + SLACK_MS)
  const text = `${new Date(now).toISOString().slice(0, 19)}Z`
  if (late === undefined) return ok('clock', text)
  return fail(
    'clock',
    `${text} is before ${late.what} was written (${new Date(late.at).toISOString()})`,
    'set it (NTP)',
  )
}

/** Who runs this. */
export const judgeUser = (uid: number | undefined): Finding =>
  uid === 0
    ? warn('user', 'root; PostgreSQL runs as the user "postgres"', 'an ordinary user is enough, and safer')
    : ok('user', `uid ${uid ?? '-'}`)

/** Holds the room for shared memory of parallel queries against what PostgreSQL may ask for. */
export const judgeSharedMemory = (free: number | undefined): Finding => {
  if (free === undefined) return ok('shared memory', 'as the system gives it')
  const text = `${size(free)} free in /dev/shm`
  if (free >= 32 * MiB) return ok('shared memory', text)
  return warn('shared memory', text, 'mount it larger ("docker run --shm-size 256m")')
}

/** Bytes free for an ordinary user on the file system of a path. */
export const freeBytes = async (path: string): Promise<number> => {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}

/** The limit of open files of this process, as its children inherit it. */
export const openFilesLimit = (): number => {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | 'unlimited' } } }
  const soft = report.userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY
}

/** Memory nobody uses, within the limit of a container; macOS calls little free that can be had, so there it is all. */
export const freeMemory = (): number => (process.platform === 'linux' ? process.availableMemory() : totalmem())
