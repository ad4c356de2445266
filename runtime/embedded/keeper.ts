import { chown, mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checkReachable, serverAccount } from './account.ts'
import { findBinaries } from './binaries.ts'
import { type Cluster, initCluster } from './cluster.ts'
import { stopLeftover } from './leftover.ts'
import type { KeeperMessage, KeeperOptions } from './protocol.ts'
import { supervise } from './supervise.ts'

// The entry of a process of its own that owns the embedded PostgreSQL: it restarts it when it dies, and stops it when
// its stdin closes, that is when the runtime is gone, however it went.

const prepare = async (options: KeeperOptions, log: (line: string) => void): Promise<Cluster> => {
  const { dataDir, socketDir, maxConnections } = options
  const [binaries, account] = await Promise.all([findBinaries(), serverAccount()])
  await mkdir(dirname(dataDir), { recursive: true })
  await checkReachable(dataDir, account, 'the data folder')
  await checkReachable(socketDir, account, 'the folder of sockets')
  await checkReachable(binaries.postgres, account, 'the PostgreSQL program')
  await stopLeftover(dataDir, log)
  await mkdir(socketDir, { recursive: true, mode: 0o700 })
  if (account) await chown(socketDir, account.uid, account.gid)
  const cluster = { binaries, account, dataDir, socketDir, maxConnections }
  await initCluster(cluster, options.passwordFile)
  return cluster
}

const main = async (options: KeeperOptions): Promise<void> => {
  const ended = new AbortController()
  process.stdin.on('close', () => ended.abort()).resume()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ended.abort())
  process.on('SIGHUP', () => {})
  // With the runtime gone, what cannot be told is dropped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const say = (message: KeeperMessage) => process.stdout.write(`${JSON.stringify(message)}\n`)
  const log = (line: string) => void process.stderr.write(`${line}\n`)
  const ready = (pid: number) => void say({ event: 'ready', pid, socketDir: options.socketDir })
  try {
    await supervise(await prepare(options, log), { ready, log }, ended.signal)
  } catch (error) {
    const { name, message, stack } = error as Error
    say({ event: 'failed', message: name === 'KeeperError' ? message : String(stack) })
    process.exitCode = 1
  }
  for (const folder of [options.socketDir, ...options.cleanUp]) await rm(folder, { recursive: true, force: true })
  process.exit()
}

await main(JSON.parse(process.argv[2] ?? '') as KeeperOptions)
