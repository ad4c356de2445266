import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The process that listens on a TCP port, as `pid 12 (command)`; undefined when the system does not tell. */
export const portHolder = async (port: number): Promise<string | undefined> => {
  const pid = (await fromProc(port).catch(() => undefined)) ?? (await fromLsof(port).catch(() => undefined))
  if (pid === undefined) return undefined
  const command = await commandOf(pid).catch(() => '')
  return `pid ${pid}${command ? ` (${command.slice(0, 120)})` : ''}`
}

const LISTEN = '0A'

const fromProc = async (port: number): Promise<number | undefined> => {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = tables.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
  const row = rows.find((fields) => fields[1]?.endsWith(suffix) && fields[3] === LISTEN)
  const inode = row?.[9]
  if (!inode) return undefined
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const links = await Promise.all(files.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    if (links.includes(`socket:[${inode}]`)) return Number(pid)
  }
  return undefined
}

const fromLsof = async (port: number): Promise<number | undefined> => {
  const { stdout } = await run('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'])
  return Number(stdout.split('\n')[0]) || undefined
}

const commandOf = async (pid: number): Promise<string> => {
  const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  if (cmdline !== undefined) return cmdline.replaceAll('\0', ' ').trim()
  return (await run('ps', ['-o', 'args=', '-p', String(pid)])).stdout.trim()
}
