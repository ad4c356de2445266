import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export { freePort } from '#test/ports.ts'

/** Waits for a condition to give something; fails with its name. */
export const until = async <T>(what: string, look: () => Promise<T | undefined | false>, ms = 100_000): Promise<T> => {
  const deadline = performance.now() + ms
  for (;;) {
    const found = await look().catch(() => undefined)
    if (found) return found
    if (performance.now() > deadline) throw new Error(`this did not come true in ${ms / 1000} s: ${what}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}

/** A data folder that PostgreSQL's own user can reach. */
export const dataFolder = async (): Promise<{ path: string; remove(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'junction-cli-'))
  await chmod(path, 0o755)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A running `junction` command. */
export interface Junction {
  child: ChildProcess
  output(): string
  /** The exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals | null>
}

/** Starts `bin/junction`. */
export const junction = (args: string[], env: Record<string, string> = { AUTH_MODE: 'dev' }): Junction => {
  const { AUTH_MODE: _, ...others } = process.env
  const child = spawn(process.execPath, ['bin/junction', ...args], { env: { ...others, ...env } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk))
  const exited = new Promise<number | NodeJS.Signals | null>((done) =>
    child.once('close', (code, signal) => done(code ?? signal)),
  )
  return { child, output: () => text, exited }
}

/** Runs a command to its end. */
export const run = async (args: string[], env?: Record<string, string>) => {
  const { output, exited } = junction(args, env)
  const code = await exited
  return { code, output: output() }
}

/** The processes that name a folder in their command line or environment, as `pid command`. */
export const processesOf = async (folder: string): Promise<string[]> => {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    )
    if (command?.includes(folder) || environment?.includes(folder))
      found.push(`${pid} ${command?.replaceAll('\0', ' ')}`)
  }
  return found
}

/** Ends them all, whoever has ended with another already. */
export const killProcessesOf = async (folder: string): Promise<void> => {
  for (const found of await processesOf(folder)) {
    try {
      process.kill(Number.parseInt(found, 10), 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** The folders of sockets the processes of a data folder use. */
export const socketFoldersOf = async (folder: string): Promise<string[]> => {
  const commands = (await processesOf(folder)).join('\n')
  return [...new Set(commands.match(/[^\s"=]*\/junction-\w{6}(?=["\s])/g))]
}
