import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { processInfo } from '../embedded/process-info.ts'
import { UserError } from '../user-error.ts'

const run = promisify(execFile)

/** Fails early, naming the holder, when a port cannot be listened on. */
export const checkPort = async (host: string, port: number): Promise<void> => {
  const code = await new Promise<string | undefined>((done) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => done(undefined)))
  })
  if (code === undefined) return
  if (code === 'EADDRINUSE')
    throw new UserError(`port ${port} is in use by ${await holderOf(port)}: stop it, or choose another --port`)
  if (code === 'EACCES') throw new UserError(`port ${port} needs more rights: choose a --port above 1023`)
  throw new UserError(`${host}:${port} cannot be listened on (${code}): choose another --host or --port`)
}

const holderOf = async (port: number): Promise<string> => {
  const pid = process.platform === 'linux' ? await pidFromProc(port) : await pidFromLsof(port)
  if (pid === undefined) return 'a process of another user'
  const command = (await processInfo(pid))?.command ?? ''
  return `${command.slice(0, 120) || 'a process'} (pid ${pid})`
}

const LISTEN = '0A'

/** Follows the listening socket's inode from /proc/net to the process that holds it. */
const pidFromProc = async (port: number): Promise<number | undefined> => {
  const tables = await Promise.all(['tcp', 'tcp6'].map((t) => readFile(`/proc/net/${t}`, 'utf8').catch(() => '')))
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === LISTEN)
    .map((fields) => `socket:[${fields[9]}]`)
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => []))
      if (sockets.includes(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))) return Number(pid)
  }
  return undefined
}

const pidFromLsof = async (port: number): Promise<number | undefined> => {
  const found = await run('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN']).catch(() => undefined)
  return Number(found?.stdout.split('\n')[0]) || undefined
}
