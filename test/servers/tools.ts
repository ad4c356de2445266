import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

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
  await run('apt-get', ['update', '-qq'])
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env, maxBuffer: 64 << 20 })
}

async function has(tool: string): Promise<boolean> {
  try {
    await run('sh', ['-c', 'command -v "$0"', tool])
    return true
  } catch {
    return false
  }
}
