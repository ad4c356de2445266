import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { stackText } from '../e2e/stack.ts'
import { dataFolder, freePort, junction, killProcessesOf, run, until } from './junction.ts'

const cleanUps: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

/** A runtime with the counting function of that name beside those of the spine. */
const start = async (counting: string) => {
  const data = await dataFolder()
  const orders = join(data.path, 'orders')
  const stack = join(data.path, 'stack.yml')
  await mkdir(orders)
  await writeFile(stack, stackText(counting, orders))
  const port = await freePort()
  const clock = ['--from', '2024-05-06T08:30:00Z', '--speed', '0']
  const runtime = junction(['up', '--data', data.path, '--port', String(port), '--stack', stack, ...clock])
  cleanUps.push(async () => {
    runtime.child.kill('SIGINT')
    await runtime.exited
    await killProcessesOf(data.path)
    await data.remove()
  })
  await until('the start', async () => runtime.output().includes('/function/'))
  const { databaseUrl: url } = JSON.parse(await readFile(join(data.path, 'runtime.json'), 'utf8'))
  const password = (await readFile(join(data.path, 'secrets/database-password'), 'utf8')).trim()
  const database = openDatabase({ url, password, max: 2, name: 'test' })
  cleanUps.push(() => database.close())
  await database.query(`create table counted (id text, topic text, partition int, "offset" bigint)`)
  await database.query('create table redelivered (at timestamptz default now())')
  return { port, data: data.path, database }
}

const READINGS = 240
const readings = Array.from({ length: READINGS }, (_, i) => ({
  device: `loop-${i % 12}`,
  observedAt: new Date(Date.parse('2024-05-06T08:05:00Z') + i * 5_000).toISOString(),
  measures: { speed: 20 + ((i * 7) % 60), count: i % 5 },
}))

/** What detect-congestion knows and told, but for the real time of it. */
const statesOf = async (database: Database) => {
  const tables = ['segment', 'segment_device', 'window_reading', 'window_state', 'sensor', 'sensor_fault']
  const dumps = tables.map(async (table) => {
    const { rows } = await database.query<{ row: string }>(`select t::text as row from ${table} t order by 1`)
    return [table, rows.map(({ row }) => row)] as const
  })
  const days = await database.query('select segment, day, free_flow_kmh, sealed from segment_day order by 1, 2')
  // Late readings are told again, each under its old id.
  const told = await database.query(`select distinct topic, id from log where topic <> 'readings' order by 1, 2`)
  return { rows: Object.fromEntries(await Promise.all(dumps)), days: days.rows, told: told.rows }
}
const numberOf = async (database: Database, sql: string) =>
  Number((await database.query<{ n: string }>(`select count(*) as n from ${sql}`)).rows[0]?.n)
const workedOff = (database: Database) =>
  until('everything is worked off', async () => {
    const behind = `position p join log_partition l using (topic, partition) where p.next < l.next_offset`
    const begun = `log_partition l where l.topic = 'readings' and l.next_offset > 0 and not exists (
      select from position p where p.consumer = 'detect-congestion' and (p.topic, p.partition) = (l.topic, l.partition))`
    return (
      (await numberOf(database, behind)) === 0 &&
      (await numberOf(database, begun)) === 0 &&
      (await numberOf(database, 'counted')) >= READINGS
    )
  })

describe('a replay of a whole topic from 0 under a running runtime (T55)', () => {
  it.each([
    ['counting-once', 1, 'has its effect once by its markers'],
    // The control: so it is seen that all of it really came again.
    ['counting', 2, 'has its effect twice'],
  ])('leaves the tables of detect-congestion as they are; %s ×%i', async (counting, times) => {
    const { port, data, database } = await start(counting)
    const response = await fetch(`http://127.0.0.1:${port}/function/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(readings),
    })
    expect(response.status).toBe(207)
    await workedOff(database)
    expect(await numberOf(database, 'counted')).toBe(READINGS)
    const before = await statesOf(database)
    expect(before.rows.window_state).not.toEqual([])
    expect(before.told).not.toEqual([])

    for (const consumer of ['detect-congestion', 'counting']) {
      const { code, output } = await run([
        'redeliver',
        'readings',
        '--consumer',
        consumer,
        '--from',
        '0',
        '--data',
        data,
      ])
      expect(output).toContain(`${READINGS} events of readings come to ${consumer} again`)
      expect(code).toBe(0)
    }
    await workedOff(database)
    await until('all of it counts', async () => (await numberOf(database, 'counted')) >= READINGS * times)
    expect(await numberOf(database, 'counted')).toBe(READINGS * times)
    expect(await statesOf(database)).toEqual(before)
    expect(await numberOf(database, 'dead_letter')).toBe(0)
  })

  it('refuses what cannot be, in one line', async () => {
    const { data } = await start('counting')
    const ask = (...args: string[]) => run(['redeliver', 'readings', '--data', data, ...args])
    expect(await ask('--consumer', 'nobody', '--from', '0')).toEqual({
      code: 1,
      output: expect.stringMatching(/^junction: nothing is moved: 422 nobody has no position in readings.*\n$/),
    })
    expect((await ask('--consumer', 'counting', '--from', 'soon')).output).toContain('--from soon: give an instant')
    expect((await ask('--consumer', 'counting', '--from', '7')).output).toMatch(/readings\/0 ends at offset 0/)
  })
})
