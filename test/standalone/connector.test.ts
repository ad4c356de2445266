import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { postgresBus } from '#shared/bus/postgres.ts'
import { freePort, type Junction, junction, until } from '#test/cli/junction.ts'
import { CONNECTOR_KEY } from '#test/gateway/fixture.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { type RuntimeProcess, startRuntime } from '#test/replicas/runtime.ts'

const TOKEN = "the operator's token"
const PARTITIONS = [0, 1, 2, 3, 4, 5, 6, 7]
const WIRED = { 'city.junction.topics': 'readings', 'city.junction.batch': '20' }

interface Told {
  ready: boolean
  error?: string
  gateway: { ready: boolean; error?: string }
  consumers: { consumer: string; state: string; lag: number; partitions: unknown[] }[]
}

describe('a connector beside a gateway', () => {
  let database: TestDatabase
  let folder: string
  let gatewayPort: number
  let port: number
  let connector: Junction
  let gateway: RuntimeProcess
  let appended = 0

  const ready = async (): Promise<Told> => (await fetch(`http://127.0.0.1:${port}/ready`)).json() as Promise<Told>
  const consumers = async () => (await ready()).consumers.map((one) => one.consumer)
  const startGateway = (annotations: Record<string, Record<string, string>>) =>
    startRuntime({
      port: gatewayPort,
      functions: Object.fromEntries(
        ['counting', 'wrong'].map((name) => [
          name,
          `require(${JSON.stringify(resolve('dist/test/functions/counting'))})`,
        ]),
      ),
      annotations,
      auth: { mode: 'keys', operatorToken: TOKEN, basicAuth: { user: 'admin', password: TOKEN } },
      env: {
        AUTH_MODE: 'dev',
        DATABASE_URL: database.url,
        DATABASE_POOL: '2',
        SECRETS_DIR: folder,
        ORDERS: folder,
      },
    })
  const append = async (events: number) => {
    const at = '2026-03-01T08:00:00.000Z'
    const bus = postgresBus(database.database)
    const ids = Array.from({ length: events }, () => `e${appended++}`)
    await Promise.all(
      ids.map((id, i) =>
        bus.append([
          {
            ...{ topic: 'readings', partition: i % PARTITIONS.length, key: id, id, type: 'city.junction.readings.v1' },
            attributes: { source: '/test', time: at },
            data: Buffer.from(
              JSON.stringify({
                ...{ device: id, observedAt: at, measures: { speed: 50 }, receivedAt: at },
                quality: { flags: [], confidence: 1 },
              }),
            ),
          },
        ]),
      ),
    )
  }
  const effects = async () => {
    const { rows } = await database.database.query<{ all: number; different: number; letters: number }>(
      `select count(*)::int as all, count(distinct id)::int as different,
         (select count(*)::int from dead_letter) as letters from counted`,
    )
    return rows[0]
  }
  const allDone = () => until('every event is in effect', async () => (await effects())?.different === appended)

  beforeAll(async () => {
    database = await freshDatabase({ migrated: false })
    await database.database.query('create table counted (id text, topic text, partition int, "offset" bigint)')
    await database.database.query('create table redelivered (at timestamptz default now())')
    folder = mkdtempSync(join(tmpdir(), 'junction-standalone-'))
    const secrets = { 'connector-key': CONNECTOR_KEY, 'database-password': database.password }
    for (const [name, text] of Object.entries({
      ...secrets,
      'invoke-key': 'invoke',
      'basic-auth-user': 'admin',
      'basic-auth-password': TOKEN,
    }))
      writeFileSync(join(folder, name), `${text}\n`)
    gatewayPort = await freePort()
    port = await freePort()
    connector = junction(['connector', '--gateway', `http://127.0.0.1:${gatewayPort}`, '--port', `${port}`], {
      DATABASE_URL: database.url,
      SECRETS_DIR: folder,
    })
  })
  afterAll(async () => {
    connector.child.kill('SIGKILL')
    await connector.exited
    await gateway?.stop()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('lives while the gateway is not there, says so, and has made the schema', async () => {
    await until('it says what is missing', async () => (await ready()).gateway.error?.includes('ECONNREFUSED'))
    expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(503)
    expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()).toBe('OK')
    expect(connector.output().split('the gateway cannot be asked').length).toBe(2)
  })

  it('finds functions by their annotations, names one that is annotated wrongly, and delivers to the others', async () => {
    gateway = await startGateway({ counting: WIRED, wrong: { 'city.junction.topics': 'not a topic' } })
    await until('it is ready', async () => (await ready()).ready)
    expect(await consumers()).toEqual(['counting'])
    expect(connector.output()).toContain(
      'wrong is left out: annotations:2: unknown topic \\"not a topic\\"; known: readings',
    )
    await append(400)
    await allDone()
    expect(await effects()).toEqual({ all: 400, different: 400, letters: 0 })
    // The connector hears of the last one after its effect.
    for (const line of [
      'junction_connector_gateway_up 1',
      'junction_connector_lag_events{consumer="counting",topic="readings"} 0',
    ])
      await until(`${line} in the metrics`, async () =>
        (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).includes(line),
      )
  })

  it('survives a gateway that is killed under load: nothing is lost, done twice, or given up', async () => {
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await append(80)
    })()
    await until('it is under way', async () => ((await effects())?.all ?? 0) > 600)
    gateway.child.kill('SIGKILL')
    await until('it is missed', async () => !(await ready()).ready)
    await writing
    gateway = await startGateway({ counting: WIRED })
    await allDone()
    expect(await effects()).toEqual({ all: appended, different: appended, letters: 0 })
    await until('it says that nothing is left', async () => (await ready()).consumers[0]?.lag === 0)
    expect((await ready()).consumers[0]).toMatchObject({ consumer: 'counting', state: 'running' })
  })

  it('follows what is deployed, changed and removed without a restart', async () => {
    await gateway.stop()
    gateway = await startGateway({ wrong: { topic: 'traffic.states' } })
    await until('only the other is served', async () => `${await consumers()}` === 'wrong')
    await append(40)
    await gateway.stop()
    gateway = await startGateway({ counting: { ...WIRED, 'city.junction.batch': '5' } })
    await until('the first is served again', async () => `${await consumers()}` === 'counting')
    await allDone()
    expect(await effects()).toEqual({ all: appended, different: appended, letters: 0 })
  })

  it('is worked on by commands of the same environment: dead letters, and what is to come again', async () => {
    const bus = postgresBus(database.database)
    const attributes = { source: '/test', time: '2026-03-01T08:00:00.000Z' }
    const poison = { topic: 'readings', partition: 0, key: 'p', id: 'poison', type: 'city.junction.readings.v1' }
    await bus.append([{ ...poison, attributes, data: Buffer.from('{"device":""}') }])
    await until('it is put aside', async () => (await effects())?.letters === 1)
    const command = async (...args: string[]) => {
      const beside = ['--gateway', `http://127.0.0.1:${gatewayPort}`]
      const { output, exited } = junction([...args, ...beside], { DATABASE_URL: database.url, SECRETS_DIR: folder })
      return `${await exited} ${output()}`
    }
    expect(await command('dlq', 'ls')).toMatch(/^0 .*\n.* counting +validation +poison /)
    expect(await command('dlq', 'replay', '--all')).toMatch(/^1 .* {2}failed {2}.*\n0 of 1 replayed/)
    expect(await command('dlq', 'drop', '--all', '--why', 'made for a test')).toMatch(/^0 1 dropped/)
    expect(await command('dlq', 'ls')).toMatch(/^0 no dead letters/)
    expect(await command('device', 'add', 'loop-1')).toMatch(/^0 A key for loop-1/)
    expect(await command('device', 'ls')).toMatch(/ live +\S+ +loop-1/)

    const redeliver = ['redeliver', 'readings', '--consumer', 'counting', '--partition', '1']
    expect(await command(...redeliver, '--from', '0', '--dry-run')).toContain(
      'events of readings would come to counting',
    )
    expect(await command(...redeliver, '--from', '99999999')).toContain('nothing is moved: readings/1 ends at offset')
    const before = (await effects())?.all ?? 0
    const [, again] =
      /(\d+) events of readings come to counting again/.exec(await command(...redeliver, '--from', '0')) ?? []
    expect(Number(again)).toBeGreaterThan(100)
    // The counting function has no key: each event that comes again is seen.
    await until('they came', async () => (await effects())?.all === before + Number(again))
  })

  it('stops in order and leaves its shares to others at once', async () => {
    connector.child.kill('SIGTERM')
    expect(await connector.exited).toBe(0)
    expect((await database.database.query('select from lease')).rows).toEqual([])
    expect((await database.database.query('select from lease_holder')).rows).toEqual([])
  })
})

describe('junction connector', () => {
  it('says what it lacks', async () => {
    const port = await freePort()
    const run = async (args: string[], env: Record<string, string>) => {
      const { output, exited } = junction(['connector', '--port', `${port}`, ...args], env)
      return `${await exited} ${output()}`
    }
    const gateway = ['--gateway', 'http://127.0.0.1:1']
    expect(await run(gateway, {})).toContain('1 junction: the configuration is not complete: DATABASE_URL')
    expect(await run(gateway, { DATABASE_URL: 'postgres://a@b/c', SECRETS_DIR: '/nowhere' })).toContain(
      '1 junction: the secret connector-key is missing in /nowhere',
    )
    expect(await run(['--gateway', 'http://admin:secret@127.0.0.1:1'], {})).toContain(
      'it holds no user and no password',
    )
  })
})
