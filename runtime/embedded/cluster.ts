import { type ChildProcess, spawn } from 'node:child_process'
import { access, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { KeeperError } from './errors.ts'

/** One PostgreSQL data folder and how its server is started. */
export interface Cluster {
  binaries: Binaries
  account: Account
  dataDir: string
  socketDir: string
  maxConnections: number
}

const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Makes the data folder with the superuser and database `junction`; it appears under its name only when it is whole. */
export const initCluster = async (cluster: Cluster, passwordFile: string): Promise<void> => {
  const { binaries, account, dataDir, socketDir } = cluster
  if (await exists(join(dataDir, 'PG_VERSION'))) return
  const fresh = `${dataDir}.new`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(dirname(dataDir), { recursive: true })
  await mkdir(fresh, { mode: 0o700 })
  // initdb reads the password as the server's user, who cannot see the secrets.
  const pwfile = join(socketDir, 'password')
  await writeFile(pwfile, `${(await readFile(passwordFile, 'utf8')).trim()}\n`, { mode: 0o400 })
  if (account) await Promise.all([fresh, pwfile].map((path) => chown(path, account.uid, account.gid)))
  try {
    const options = ['--username=junction', '--auth=scram-sha-256', `--pwfile=${pwfile}`]
    await run(cluster, binaries.initdb, ['-D', fresh, ...options, '--encoding=UTF8', '--locale=C', '--no-instructions'])
  } finally {
    await rm(pwfile, { force: true })
  }
  await run(cluster, binaries.postgres, ['--single', '-D', fresh, 'postgres'], 'create database junction\n')
  await rm(dataDir, { recursive: true, force: true })
  await rename(fresh, dataDir)
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const run = (cluster: Cluster, program: string, args: string[], input = ''): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...cluster.account, env, cwd: cluster.socketDir })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new KeeperError(`${program} failed with exit code ${code}: ${output.trim().slice(-2_000)}`))
    })
    child.stdin.on('error', () => {}) // it ended early: its exit code tells
    child.stdin.end(input)
  })

/** Starts the server on its Unix socket; its log comes on stderr. */
export const spawnServer = ({ binaries, account, dataDir, socketDir, maxConnections }: Cluster): ChildProcess => {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: maxConnections,
    shared_buffers: '128MB',
    // About 1.6 kB of write-ahead log a reading, end to end: the default of 1 GB means a checkpoint every few minutes.
    max_wal_size: '4GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    // No replica ever follows an embedded server.
    wal_level: 'minimal',
    max_wal_senders: 0,
    wal_compression: 'on',
    jit: 'off',
    random_page_cost: '1.1',
    log_statement: 'none',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return spawn(binaries.postgres, ['-D', dataDir, ...args], { ...account, env, stdio: ['ignore', 'ignore', 'pipe'] })
}
