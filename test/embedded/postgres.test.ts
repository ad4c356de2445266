import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import pg from 'pg'
import { serverAccount } from '#runtime/embedded/account.ts'
import { type EmbeddedPostgres, startPostgres } from '#runtime/embedded/postgres.ts'
import { processInfo } from '#runtime/embedded/process-info.ts'

const root = mkdtempSync(join(process.cwd(), 'node_modules', '.junction-test-'))
const keeperFile = join(root, 'keeper.js')
const passwordFile = join(root, 'password')
const lines: string[] = []

const options = (name: string) => ({
  keeperFile,
  dataDir: join(root, name),
  passwordFile,
  maxConnections: 20,
  log: (line: string) => void lines.push(line),
})

const client = (url: string, password: string) => {
  const { username, pathname, searchParams } = new URL(url)
  const host = searchParams.get('host') ?? ''
  return new pg.Client({ user: username, database: pathname.slice(1), host, password })
}

const connect = async (url: string) => {
  const connection = client(url, 'secret of the test')
  connection.on('error', () => {})
  await connection.connect()
  return connection
}

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const connection = await connect(url)
  try {
    return (await connection.query({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await connection.end()
  }
}

const alive = async (pid: number): Promise<boolean> => (await processInfo(pid)) !== undefined

const until = async (what: string, condition: () => boolean | Promise<boolean>) => {
  const deadline = performance.now() + 30_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not: ${what}\n${lines.slice(-20).join('\n')}`)
    await sleep(20)
  }
}

beforeAll(async () => {
  chmodSync(root, 0o755)
  writeFileSync(passwordFile, 'secret of the test\n', { mode: 0o400 })
  const shared = { bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const
  await build({ ...shared, entryPoints: ['runtime/embedded/keeper.ts'], outfile: keeperFile })
  await build({ ...shared, entryPoints: ['runtime/embedded/postgres.ts'], outfile: join(root, 'postgres.js') })
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('the embedded PostgreSQL', () => {
  let postgres: EmbeddedPostgres

  it.each([
    ['made by another version', ['PG_VERSION', 'postgresql.conf'], 'another version of PostgreSQL made that folder'],
    ['of which a part is gone', ['PG_VERSION'], 'a part of that folder is gone'],
  ])('says at once what to do about a folder %s', async (name, files, remedy) => {
    const folder = join(root, name)
    const account = await serverAccount()
    mkdirSync(folder, { mode: 0o700 })
    for (const file of files) writeFileSync(join(folder, file), file === 'PG_VERSION' ? '12\n' : '')
    for (const path of ['', ...files]) if (account) chownSync(join(folder, path), account.uid, account.gid)
    await expect(startPostgres(options(name))).rejects.toThrow(remedy)
  })

  it('starts on a new data folder, on a private socket only, and asks for the password', async () => {
    postgres = await startPostgres(options('data'))
    expect(await query(postgres.url, 'show listen_addresses')).toEqual([''])
    expect(await query(postgres.url, 'select current_user, current_database()')).toEqual(['junction', 'junction'])
    await expect(client(postgres.url, 'wrong').connect()).rejects.toMatchObject({ code: '28P01' })
    expect(new URL(postgres.url).password).toBe('')
    await query(postgres.url, 'create table kept (n int)')
    await query(postgres.url, 'insert into kept values (42)')
  })

  it('comes back after a SIGKILL of the server, with what was committed', async () => {
    const before = postgres.pid()
    const idle = await connect(postgres.url) // leaves an orphaned backend behind
    process.kill(before, 'SIGKILL')
    await until('a new server', () => postgres.pid() !== before)
    expect(await query(postgres.url, 'select n from kept')).toEqual([42])
    await idle.end().catch(() => {})
  })

  it('comes back after a SIGKILL of the keeper, under the same URL', async () => {
    const [server, keeper] = [postgres.pid(), postgres.keeperPid()]
    process.kill(keeper, 'SIGKILL')
    await until('a new keeper and server', () => postgres.keeperPid() !== keeper && postgres.pid() !== server)
    expect(await alive(server)).toBe(false)
    expect(await query(postgres.url, 'select n from kept')).toEqual([42])
  })

  it('refuses a data folder that a living keeper serves', async () => {
    await expect(startPostgres(options('data'))).rejects.toThrow(/in use by a running Junction \(keeper pid \d+\)/)
  })

  it('stops in order and leaves neither process nor socket', async () => {
    const [server, keeper] = [postgres.pid(), postgres.keeperPid()]
    await postgres.stop()
    expect([await alive(server), await alive(keeper), existsSync(postgres.socketDir)]).toEqual([false, false, false])
  })
})

describe('a killed runtime', () => {
  it('leaves no process and no socket behind, and its data are there at the next start', async () => {
    const sockets = mkdtempSync(join(tmpdir(), 'junction-'))
    const script = `import { startPostgres } from ${JSON.stringify(join(root, 'postgres.js'))}
      const postgres = await startPostgres({ ...${JSON.stringify({ ...options('data'), cleanUp: [sockets] })}, log: () => {} })
      console.log(JSON.stringify({ url: postgres.url, socketDir: postgres.socketDir, pids: [postgres.pid(), postgres.keeperPid()] }))`
    const runtime = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await new Promise<[string]>((done) =>
      createInterface(runtime.stdout).once('line', (text) => done([text])),
    )
    const { url, socketDir, pids } = JSON.parse(line) as { url: string; socketDir: string; pids: number[] }
    await query(url, 'insert into kept values (43)')
    runtime.kill('SIGKILL')
    for (const pid of pids) await until('both processes gone', async () => !(await alive(pid)))
    await until('the sockets gone', () => !existsSync(socketDir) && !existsSync(sockets))
    const again = await startPostgres(options('data'))
    expect(await query(again.url, 'select n from kept order by n')).toEqual([42, 43])
    await again.stop()
  })

  it('or one that is still stopping: the next start waits for it', async () => {
    const first = await startPostgres(options('data'))
    const server = first.pid()
    void first.stop()
    const second = await startPostgres(options('data'))
    expect(await alive(server)).toBe(false)
    await second.stop()
  })
})

describe('a data folder closed to the OS user of PostgreSQL', () => {
  it('is refused by an error that names the folder', async () => {
    if (process.getuid?.() !== 0) return expect(process.getuid?.()).not.toBe(0)
    const closed = join(root, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    const failed = startPostgres({ ...options('data'), dataDir: join(closed, 'data') })
    await expect(failed).rejects.toThrow(`the folder ${closed} is closed to it`)
  })
})
