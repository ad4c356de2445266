import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from './cache.ts'

/** Runs a program to its end and gives what it printed; throws with what it said when it fails. */
export const run = promisify(execFile)

/** Makes sure of programs, each of the Debian package named: as root they are installed, else the error says what to do. */
export async function needTools(tools: Record<string, string>): Promise<void> {
  const missing = []
  for (const [tool, debianPackage] of Object.entries(tools)) if (!(await has(tool))) missing.push(debianPackage)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !(await has('apt-get'))) {
    throw new Error(`the test servers need what is not here: install ${missing.join(' and ')} and try again`)
  }
  const install = 'apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"'
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await mkdir(cacheFolder, { recursive: true })
  // Two at once would refuse each other.
  const lock = join(cacheFolder, 'apt.lock')
  await run('flock', [lock, 'sh', '-c', install, 'sh', ...missing], { env, maxBuffer: 64 << 20 })
}

async function has(tool: string): Promise<boolean> {
  try {
    await run('sh', ['-c', 'command -v "$0"', tool])
    return true
  } catch {
    return false
  }
}
