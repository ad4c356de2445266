import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { DeadLetterPage, ReplayOutcome } from '#shared/contracts/dead-letters.ts'
import { RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import { openDatabase } from '#shared/state/database.ts'
import { dataFolder, freePort, type Junction, junction, killProcessesOf, run, until } from './junction.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
let runtime: Junction
beforeAll(async () => {
  data = await dataFolder()
  const clock = ['--from', '2024-05-06T08:00:00Z', '--speed', '0']
  runtime = junction(['up', '--data', data.path, '--port', String(await freePort()), ...clock])
  await until('the start', async () => runtime.output().includes('/function/city/'))
})
afterAll(async () => {
  runtime.child.kill('SIGINT')
  await runtime.exited
  await killProcessesOf(data.path)
  await data.remove()
})

const command = (...args: string[]) => run([...args, '--data', data.path])
const json = async (...args: string[]) => JSON.parse((await command(...args, '--json')).output)
const withDatabase = async <T>(work: (sql: ReturnType<typeof openDatabase>) => Promise<T>): Promise<T> => {
  const { databaseUrl: url } = JSON.parse(await readFile(join(data.path, 'runtime.json'), 'utf8'))
  const password = (await readFile(join(data.path, 'secrets/database-password'), 'utf8')).trim()
  const database = openDatabase({ url, password, max: 1, name: 'test' })
  return work(database).finally(() => database.close())
}

describe('junction status', () => {
  it('shows functions, topics, consumers and the clock', async () => {
    // A consumer is told of once its partitions are.
    const status = await until('the consumer', async () => {
      const told = RuntimeStatus.parse(await json('status'))
      return told.connector.consumers.some(({ consumer }) => consumer === 'detect-congestion') && told
    })
    expect(status.clock).toEqual({ kind: 'database', now: '2024-05-06T08:00:00.000Z', speed: 0 })
    const names = status.functions.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['ingest', 'detect-congestion', 'city']))
    expect(status.bus).toBe('postgres')
    const { url } = JSON.parse(await readFile(join(data.path, 'runtime.json'), 'utf8'))
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('junction_bus_info{bus="postgres"} 1')
    const people = await command('status')
    expect(people.output).toMatch(/city time 2024-05-06T08:00:00Z \(stepped\) {2}bus: postgres$/m)
    expect(people.output).toMatch(/detect-congestion +running +0/)
    expect(people.output).toMatch(/^FUNCTION .* COLD STARTS +LAST START$/m)
  })

  it('shows what the newest forecasts come from and how far off those of the day were, once there are any', async () => {
    expect(RuntimeStatus.parse(await json('status')).forecasts).toBeUndefined()
    await withDatabase((sql) =>
      sql.query(`
        insert into segment (segment) values ('a'), ('b'), ('c'), ('d');
        insert into forecast (segment, "window", made_at, source, minutes, p50, level)
          select segment, at::timestamptz, at::timestamptz, source, '{15,60}', '{50,50}', '{free,free}'
          from (values ('a', '2024-05-06T07:50Z', 'model'), ('b', '2024-05-06T07:50Z', 'model'),
            ('c', '2024-05-06T07:50Z', 'profile'), ('d', '2024-05-06T07:45Z', 'model')) made (segment, at, source);`),
    )
    expect((await command('status')).output).toContain(
      'forecasts of 2024-05-06T07:50Z: 3 of 4 segments, 2 by the model, 1 by the profile, 0 by persistence; none scored yet',
    )
    await withDatabase((sql) =>
      sql.query(`insert into forecast_score values
        ('2024-05-06T07:00Z', 15, 'model', 2, 4, 10, 0, 0, 0, 2, 6, 20, 0, 0, 0),
        ('2024-05-06T07:00Z', 60, 'model', 1, 3, 9, 0, 0, 0, 1, 8, 64, 0, 0, 0),
        ('2024-05-05T09:00Z', 60, 'profile', 1, 5, 25, 0, 0, 0, 1, 10, 100, 0, 0, 0),
        ('2024-05-05T08:00Z', 60, 'model', 1, 99, 9801, 0, 0, 0, 1, 99, 9801, 0, 0, 0)`),
    )
    expect((await command('status')).output).toContain(
      '; 60 min ahead off by 4.0 km/h in 24 h (the model 3.0, persistence in its place 8.0)',
    )
    await withDatabase((sql) => sql.query('delete from forecast; delete from forecast_score; delete from segment'))
  })
})

describe('junction dlq', () => {
  const reading = {
    device: 'loop-9',
    observedAt: '2024-05-06T08:00:00.000Z',
    measures: { speed: 42 },
    receivedAt: '2024-05-06T08:00:00.000Z',
    quality: { flags: [], confidence: 1 },
  }
  const id = 'loop-9@2024-05-06T08:00:00.000Z'
  const bury = (body: string, replays = 0) =>
    withDatabase(async (sql) => {
      const { rows } = await sql.query<{ id: string }>(
        `insert into dead_letter (consumer, topic, partition, "offset", event_id, reason, error_class, error, headers, body, replays)
         values ('detect-congestion', 'readings', 0, 0, $1, 'attempts_exhausted', 'unexpected', 'boom',
           '{"source":"/function/ingest","type":"city.junction.readings.v1"}', $2, $3) returning id`,
        [id, Buffer.from(body), replays],
      )
      return rows[0]?.id ?? ''
    })
  const letter = (key: string) => json('dlq', 'show', key)

  it('lists, shows and replays: the event takes effect under its own id, with an audit row', async () => {
    const key = await bury(JSON.stringify(reading))
    expect((await json('dlq', 'ls', '--consumer', 'detect-congestion')).map((l: { id: string }) => l.id)).toEqual([key])
    const none = await command('dlq', 'ls', '--reason', 'decode')
    expect(none.output).toMatch(
      /^no dead letters of that kind; there are\n.*\ndetect-congestion +attempts_exhausted +1\n$/,
    )
    expect(await command('dlq', 'ls', '--reason', 'decoding')).toEqual({
      code: 1,
      output: expect.stringContaining("there is no reason 'decoding': the reasons are decode, validation, "),
    })
    expect(await command('dlq', 'replay', '--consumer', 'detect')).toEqual({
      code: 1,
      output: expect.stringMatching(/there is no consumer 'detect': the consumers are .*detect-congestion/),
    })
    expect(JSON.parse((await letter(key)).body)).toEqual(reading)
    expect((await command('dlq', 'replay', key, '--dry-run')).output).toContain('1 would be replayed')
    expect(await letter(key)).toMatchObject({ replays: 0, resolution: null })

    const replay = await command('dlq', 'replay', '--since', '1h')
    expect(replay).toMatchObject({ code: 0, output: expect.stringContaining('1 of 1 replayed') })
    expect(await letter(key)).toMatchObject({ replays: 1, resolution: 'replayed' })
    await withDatabase(async (sql) => {
      const effect = await sql.query(`select speed from window_reading where device = 'loop-9'`)
      expect(effect.rows).toEqual([{ speed: 42 }])
      const audit = await sql.query('select outcome from dead_letter_replay where dead_letter = $1', [key])
      expect(audit.rows).toEqual([{ outcome: 'resolved: accepted' }])
    })
  })

  it('keeps what is refused again, and refuses a sixth replay', async () => {
    const poison = await bury('{"device":')
    const failed = await command('dlq', 'replay', poison)
    expect(failed).toMatchObject({ code: 1, output: expect.stringContaining('0 of 1 replayed') })
    expect(await letter(poison)).toMatchObject({ replays: 1, resolution: null })
    const often = await bury(JSON.stringify(reading), 5)
    expect((await command('dlq', 'replay', often)).output).toContain('refused  replayed 5 times already')
    expect(await letter(often)).toMatchObject({ replays: 5, resolution: null })
  })

  it('is read page by page and replayed over HTTP, too', async () => {
    const { url } = JSON.parse(await readFile(join(data.path, 'runtime.json'), 'utf8'))
    const letters = new URL('/system/junction/dead-letters', url)
    const page = async (query: string) => DeadLetterPage.parse(await (await fetch(`${letters}?${query}`)).json())
    const replay = async (key: string) =>
      ReplayOutcome.parse(await (await fetch(`${letters}/${key}/replay`, { method: 'POST' })).json())
    await withDatabase((sql) => sql.query(`update dead_letter set resolution = 'dropped' where resolution is null`))
    const poison = await bury('{"device":"\\u0000')
    const good = await bury(JSON.stringify({ ...reading, device: 'loop-8', pad: 'x'.repeat(700) }))

    const first = await page('consumer=detect-congestion&limit=1')
    expect(first).toMatchObject({ total: 2, byReason: { attempts_exhausted: 2 }, next: good })
    expect(first.deadLetters).toMatchObject([{ id: good, error: 'boom', preview: expect.stringMatching(/^\{.*…$/) }])
    const second = await page(`limit=1&after=${good}`)
    expect(second).toMatchObject({ deadLetters: [{ id: poison, bytes: 17 }], next: null })
    expect(await page('reason=decode')).toMatchObject({
      total: 0,
      byReason: { attempts_exhausted: 2 },
      deadLetters: [],
    })
    for (const query of ['limit=0', 'limit=x', 'after=7']) expect((await fetch(`${letters}?${query}`)).status).toBe(400)

    expect(await replay(good)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^422 1 of 1 events were refused: ./),
    })
    expect(await replay(poison)).toMatchObject({ outcome: 'failed' })
    await withDatabase((sql) =>
      sql.query('update dead_letter set body = $2 where id = $1', [good, Buffer.from(JSON.stringify(reading))]),
    )
    expect(await replay(good)).toMatchObject({ id: good, outcome: 'resolved', detail: 'accepted' })
    expect(await replay(good)).toMatchObject({ outcome: 'resolved', detail: 'it was brought back before' })
    expect(await letter(good)).toMatchObject({ replays: 2, resolution: 'replayed' })
    expect(await replay(await bury(JSON.stringify(reading), 5))).toMatchObject({ outcome: 'refused' })
    for (const key of ['7', '00000000-0000-4000-8000-000000000000'])
      expect((await fetch(`${letters}/${key}/replay`, { method: 'POST' })).status).toBe(404)
  })

  it('exports whole letters, to a file once or to the output', async () => {
    const key = await bury('{"device":"loop-7"}')
    const file = join(data.path, 'letters.ndjson')
    expect((await command('dlq', 'export', '--out', file)).output).toMatch(/^[1-9]\d* dead letters are in /)
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ id: key, body: '{"device":"loop-7"}', reason: 'attempts_exhausted' }),
    )
    expect((await stat(file)).mode & 0o077).toBe(0)
    expect(await command('dlq', 'export', '--out', file)).toEqual({
      code: 1,
      output: expect.stringContaining('is there already'),
    })
    expect((await command('dlq', 'export', '--out', '-')).output.trimEnd().split('\n')).toEqual(lines)
    expect((await command('dlq', 'export', '--out', '-', '--limit', '1')).output).toBe(`${lines[0]}\n`)
  })

  it('drops with a reason, several only when told so', async () => {
    await withDatabase((sql) => sql.query(`update dead_letter set resolution = 'replayed' where resolution is null`))
    const keys = [await bury('{}'), await bury('{}')]
    const drop = (...args: string[]) => command('dlq', 'drop', '--why', 'a test sent them', ...args)
    expect((await drop('--all', '--dry-run')).output).toContain('2 would be dropped')
    expect(await drop('--all')).toEqual({ code: 1, output: expect.stringContaining('2 dead letters would be dropped') })
    expect(await letter(keys[0] as string)).toMatchObject({ resolution: null })
    expect(await drop(keys[0] as string)).toEqual({ code: 0, output: '1 dropped\n' })
    expect((await drop('--all', '--yes')).output).toBe('1 dropped\n')
    expect(await letter(keys[1] as string)).toMatchObject({ resolution: 'dropped' })
    const audit = await withDatabase((sql) => sql.query('select who, why from dead_letter_drop'))
    expect(audit.rows).toEqual(Array(2).fill({ who: userInfo().username, why: 'a test sent them' }))
  })

  it('wants to be told which', async () => {
    expect(await command('dlq', 'replay')).toEqual({ code: 1, output: expect.stringContaining('say which') })
    expect(await command('dlq', 'show', '7')).toEqual({ code: 1, output: expect.stringContaining('no id') })
  })
})

describe('the other commands', () => {
  it('network load puts segments into the city', async () => {
    const file = join(data.path, 'network.geojson')
    const feature = {
      type: 'Feature',
      geometry: {
        type: 'LineString',
        coordinates: [
          [16.3, 48.2],
          [16.31, 48.2],
        ],
      },
      properties: { segment: 'ring-1', devices: ['loop-1'], freeFlowKmh: 80 },
    }
    await writeFile(file, JSON.stringify({ type: 'FeatureCollection', features: [feature] }))
    expect(await json('network', 'load', file)).toEqual({ segments: 1, devices: 1, moved: [] })
    const { rows } = await withDatabase((sql) =>
      sql.query(`select segment from traffic_status where segment = 'ring-1'`),
    )
    expect(rows).toHaveLength(1)
    const taken = { ...feature, properties: { ...feature.properties, segment: 'ring-2' } }
    await writeFile(file, JSON.stringify({ type: 'FeatureCollection', features: [taken] }))
    expect((await command('network', 'load', file)).output).toMatch(
      /^1 segments, 1 devices\n1 devices moved here from another segment:\n.*\nloop-1 +ring-1 +ring-2\n$/,
    )
    await writeFile(file, '{"type":"Feature"}')
    expect(await command('network', 'load', file)).toEqual({
      code: 1,
      output: expect.stringMatching(/no road network.*\n$/),
    })
  })

  it('consumer rm forgets one that is gone, and no other', async () => {
    await withDatabase((sql) =>
      sql.query(
        `insert into position (consumer, log, topic, partition, next) values ('gone', 'postgres', 'readings', 0, 7)`,
      ),
    )
    expect(await json('consumer', 'rm', 'gone')).toMatchObject({ consumer: 'gone', positions: 1 })
    expect((await command('consumer', 'rm', 'gone')).output).toContain('there is no consumer gone')
    expect((await command('consumer', 'rm', 'detect-congestion')).output).toContain('is deployed')
  })

  it('resume knows the consumers', async () => {
    expect((await command('resume', 'detect-congestion')).output).toBe('detect-congestion is resumed\n')
    expect(await command('resume', 'nobody')).toEqual({
      code: 1,
      output: expect.stringContaining('there is no consumer nobody'),
    })
  })

  it('logs prints what functions and PostgreSQL said, which keeps no log of its own', async () => {
    expect(await readdir(join(data.path, 'postgres'))).not.toContain('log')
    expect(await command('logs', 'postgres')).toMatchObject({
      code: 0,
      output: expect.stringContaining('ready to accept'),
    })
    expect(await command('logs', 'nobody')).toEqual({
      code: 1,
      output: expect.stringContaining('there is no log nobody'),
    })
  })

  it('says in one line that nothing is running', async () => {
    for (const args of [['status'], ['down'], ['dlq', 'ls'], ['resume', 'x'], ['network', 'load', 'package.json']]) {
      const { code, output } = await run([...args, '--data', join(data.path, 'empty')])
      expect(code).toBe(1)
      expect(output).toMatch(/^junction: .*\n$/)
    }
  })
})
