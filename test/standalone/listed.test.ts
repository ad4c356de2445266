import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { attempt } from '#runtime/connector/attempt.ts'
import { realTime } from '#runtime/connector/time.ts'
import { judgeSingle, type Outcome } from '#runtime/connector/verdict.ts'
import { listedFunctions } from '#runtime/standalone/listed.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { freePort, type Junction, junction, until } from '#test/cli/junction.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

const folderOf = () => mkdtempSync(join(tmpdir(), 'junction-listed-'))
const listed = (file: string, functions: unknown[]) => writeFileSync(file, JSON.stringify(functions))

describe('a call of a function by its address', () => {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  /** A function that does this with a call, and this when it is asked whether it is ready. */
  async function functionThat(
    answers: (request: IncomingMessage, response: ServerResponse) => void,
    ready = 200,
  ): Promise<number> {
    const server = createServer((request, response) => {
      if (request.url === '/_/ready') response.writeHead(ready).end()
      else answers(request, response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    ends.push(() => server.close())
    ends.push(() => server.closeAllConnections())
    return (server.address() as { port: number }).port
  }

  async function call(port: number, attemptMs = 5_000): Promise<Outcome> {
    const folder = folderOf()
    ends.push(() => rmSync(folder, { recursive: true }))
    listed(join(folder, 'list.json'), [{ name: 'f', url: `http://127.0.0.1:${port}/` }])
    const functions = listedFunctions(join(folder, 'list.json'))
    ends.unshift(functions.close)
    await functions.list()
    const limits = { attemptMs, time: realTime, cut: new AbortController().signal }
    return attempt((signal) => functions.invoke('f', { headers: {}, body: Buffer.from('{}'), signal }), limits)
  }
  const verdict = async (port: number, attemptMs?: number) =>
    judgeSingle(await call(port, attemptMs), { first: 0n, next: 1n })

  it('is a POST of its root', async () => {
    let seen = ''
    const port = await functionThat((request, response) => {
      seen = `${request.method} ${request.url}`
      response.end()
    })
    expect(await verdict(port)).toEqual({ kind: 'done', next: 1n })
    expect(seen).toBe('POST /')
  })

  it('is no fault of the event where nobody listens, or nobody is ready, and is then not even made', async () => {
    let calls = 0
    const port = await functionThat((_, response) => response.end(`${calls++}`), 503)
    for (const one of [await freePort(), port])
      expect(await verdict(one)).toMatchObject({ kind: 'world', code: 'unavailable' })
    expect(calls).toBe(0)
  })

  it('counts where a function that was ready cuts it off, breaks down under it, or never answers', async () => {
    const cut = await functionThat((request) => request.socket.resetAndDestroy())
    const proxied = await functionThat((_, response) => response.writeHead(502).end('bad gateway'))
    const silent = await functionThat(() => {})
    expect(await verdict(cut)).toMatchObject({ kind: 'whole', code: 'crashed', final: false })
    expect(await verdict(proxied)).toMatchObject({ kind: 'whole', code: 'crashed', final: false })
    expect(await verdict(silent, 300)).toMatchObject({ kind: 'whole', code: 'deadline', final: false })
  })

  it('is for the breaker where the platform has no room', async () => {
    const full = await functionThat((_, response) => response.writeHead(503).end('activator overload'))
    expect(await verdict(full)).toMatchObject({ kind: 'world', code: 'unavailable' })
  })
})

describe('the list of functions', () => {
  const folder = folderOf()
  const file = join(folder, 'list.json')
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['no JSON', '{', 'is no list of functions'],
    ['no list', '{}', 'is no list of functions'],
    ['no address', '[{"name":"f"}]', '0.url'],
    ['an address of another kind', '[{"name":"f","url":"ftp://f"}]', '0.url'],
    ['an unknown key', '[{"name":"f","url":"http://f","topic":"a"}]', 'Unrecognized key'],
  ])('is refused with %s', async (_, text, message) => {
    writeFileSync(file, text)
    await expect(listedFunctions(file).list()).rejects.toThrow(message)
  })
})

describe('a connector that is given a list of functions', () => {
  let database: TestDatabase
  let folder: string
  let file: string
  let functionPort: number
  let port: number
  let connector: Junction
  let running: ChildProcess
  let appended = 0

  const told = async () =>
    (await fetch(`http://127.0.0.1:${port}/ready`)).json() as Promise<{
      ready: boolean
      gateway: { error?: string }
      consumers: { consumer: string; state: string; lag: number; due: string[]; partitions: unknown[] }[]
    }>
  const startFunction = () => {
    running = spawn(process.execPath, [join(folder, 'counting/index.js')], {
      env: {
        ...process.env,
        ...{ PORT: `${functionPort}`, HOST: '127.0.0.1', AUTH_MODE: 'keys' },
        ...{ DATABASE_URL: database.url, SECRETS_DIR: folder, ORDERS: folder },
      },
      stdio: 'ignore',
    })
  }
  const append = async (events: number) => {
    const at = '2026-03-01T08:00:00.000Z'
    const data = { observedAt: at, measures: { speed: 50 }, receivedAt: at, quality: { flags: [], confidence: 1 } }
    await postgresBus(database.database).append(
      Array.from({ length: events }, () => `e${appended++}`).map((id, i) => ({
        ...{ topic: 'readings', partition: i % 8, key: id, id, type: 'city.junction.readings.v1' },
        attributes: { source: '/test', time: at },
        data: Buffer.from(JSON.stringify({ device: id, ...data })),
      })),
    )
  }
  const effects = async () => {
    const { rows } = await database.database.query<{ all: number; different: number; letters: number }>(
      `select count(*)::int as all, count(distinct id)::int as different,
         (select count(*)::int from dead_letter) as letters from counted`,
    )
    return rows[0]
  }
  const WIRED = { 'city.junction.topics': 'readings', 'city.junction.batch': '20' }
  const list = (more: object = {}) =>
    listed(file, [{ name: 'counting', url: `http://127.0.0.1:${functionPort}`, annotations: WIRED, ...more }])

  beforeAll(async () => {
    database = await freshDatabase({ migrated: false })
    await database.database.query('create table counted (id text, topic text, partition int, "offset" bigint)')
    await database.database.query('create table redelivered (at timestamptz default now())')
    folder = folderOf()
    file = join(folder, 'functions.json')
    cpSync('dist/test/functions/counting', join(folder, 'counting'), { recursive: true })
    const secrets = {
      ...{ 'connector-key': 'key-of-the-connector', 'invoke-key': 'key-of-a-caller' },
      'database-password': database.password,
    }
    for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, name), text)
    functionPort = await freePort()
    port = await freePort()
    connector = junction(['connector', '--functions', file, '--port', `${port}`], {
      DATABASE_URL: database.url,
      SECRETS_DIR: folder,
    })
  })
  afterAll(async () => {
    connector.child.kill('SIGKILL')
    running?.kill('SIGKILL')
    await connector.exited
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('waits for the list, and for a function that is not there, without blaming an event', async () => {
    await until('it says what is missing', async () => (await told()).gateway.error?.includes('cannot be read'))
    list()
    await until('it is ready', async () => (await told()).ready)
    await append(100)
    await until('the breaker is open', async () => (await told()).consumers[0]?.state === 'breaker')
    expect(await effects()).toEqual({ all: 0, different: 0, letters: 0 })
  })

  it('delivers once the function is there, over its death under load too: nothing is lost or done twice', async () => {
    startFunction()
    await until('the first are there', async () => (await effects())?.different === appended)
    const writing = (async () => {
      for (let i = 0; i < 30; i++) await append(80)
    })()
    await until('it is under way', async () => ((await effects())?.all ?? 0) > 400)
    running.kill('SIGKILL')
    await until('that is noticed', async () => (await told()).consumers[0]?.state === 'breaker')
    startFunction()
    await writing
    await until('every event is in effect', async () => (await effects())?.different === appended)
    expect(await effects()).toEqual({ all: appended, different: appended, letters: 0 })
  })

  it('calls for alarms alone where the platform brings the events', async () => {
    list({ events: 'platform' })
    await until('no topic is read', async () => (await told()).consumers[0]?.partitions.length === 0)
    await append(40)
    await database.database.query("insert into alarm (consumer, at) values ('counting', '2026-03-01T08:00:00Z')")
    await until('the alarm is seen', async () => (await told()).consumers[0]?.due.length === 1)
    expect((await effects())?.all).toBe(appended - 40)
    list()
    await until('they come', async () => (await effects())?.all === appended)
  })

  it('is worked on by commands that are given the list: what failed is brought to its function by its address', async () => {
    const poison = { topic: 'readings', partition: 0, key: 'p', id: 'poison', type: 'city.junction.readings.v1' }
    const attributes = { source: '/test', time: '2026-03-01T08:00:00.000Z' }
    await postgresBus(database.database).append([{ ...poison, attributes, data: Buffer.from('{"device":""}') }])
    await until('it is put aside', async () => (await effects())?.letters === 1)
    const command = async (...args: string[]) => {
      const { output, exited } = junction([...args, '--functions', file], {
        DATABASE_URL: database.url,
        SECRETS_DIR: folder,
      })
      return `${await exited} ${output()}`
    }
    expect(await command('dlq', 'replay', '--all')).toMatch(/^1 .* {2}failed {2}.*\n0 of 1 replayed/)
    expect(await command('dlq', 'drop', '--all', '--why', 'made for a test')).toMatch(/^0 1 dropped/)
    expect(await command('device', 'add', 'loop-1')).toMatch(/^0 A key for loop-1/)
    const again = ['redeliver', 'readings', '--consumer', 'counting', '--from', 'earliest', '--dry-run']
    expect(await command(...again)).toContain('events of readings would come to counting')
  })

  it('follows the list', async () => {
    listed(file, [])
    await until('nothing is served', async () => (await told()).consumers.length === 0)
  })
})

describe('junction connector', () => {
  it('wants a gateway or a list, and not both', async () => {
    const run = async (...args: string[]) => {
      const { output, exited } = junction(['connector', ...args], {})
      return `${await exited} ${output()}`
    }
    expect(await run()).toContain('1 junction: say where the functions are: --gateway URL, or --functions FILE')
    expect(await run('--functions', 'f', '--gateway', 'http://127.0.0.1:1')).toContain('cannot be used with option')
  })
})
