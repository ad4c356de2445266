import { cached } from './cache.ts'
import { needTools, run } from './tools.ts'

const VERSION = '3.0.12'

/** Runs a Python program that may import kafka-python: a client with which this project shares no code. */
export async function runKafkaPython(program: string): Promise<void> {
  await needTools({ python3: 'python3', pip3: 'python3-pip' })
  const packages = await cached(`kafka-python-${VERSION}`, async (folder) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input']
    await run('python3', ['-m', 'pip', 'install', ...quiet, '--target', folder, `kafka-python==${VERSION}`])
  })
  await run('python3', ['-c', program], { env: { ...process.env, PYTHONPATH: packages }, timeout: 60_000 })
}
