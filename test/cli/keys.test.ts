import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openDatabase } from '#shared/state/database.ts'
import { dataFolder, freePort, type Junction, junction, killProcessesOf, run, until } from './junction.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
let runtime: Junction
let base: string
let operator: string
/** Everything that was ever said to a terminal, or answered. */
let said = ''
const secrets: string[] = []

beforeAll(async () => {
  data = await dataFolder()
  const port = await freePort()
  base = `http://127.0.0.1:${port}`
  const clock = ['--from', '2024-05-06T08:00:00Z', '--speed', '1']
  const place = ['--data', data.path, '--port', String(port), '--host', '0.0.0.0']
  runtime = junction(['up', ...place, ...clock], { AUTH_MODE: 'keys', LOG_LEVEL: 'debug' })
  await until(`the start in: ${runtime.output()}`, async () => runtime.output().includes('/function/city/'))
  for (const name of await readdir(join(data.path, 'secrets')))
    secrets.push((await readFile(join(data.path, 'secrets', name), 'utf8')).trim())
  operator = (await readFile(join(data.path, 'secrets/operator-token'), 'utf8')).trim()
})
afterAll(async () => {
  runtime.child.kill('SIGINT')
  await runtime.exited
  await killProcessesOf(data.path)
  await data.remove()
})

const command = async (...args: string[]) => {
  const done = await run([...args, '--data', data.path])
  said += done.output
  return done
}
const ask = async (path: string, token?: string, body?: unknown) => {
  const response = await fetch(`${base}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
  })
  const text = await response.text()
  said += text
  return { status: response.status, text, challenge: response.headers.get('www-authenticate') }
}
const reading = (device: string, observedAt = '2024-05-06T08:00:00Z') => ({
  ...{ device, observedAt, measures: { speed: 50 } },
})
const addKey = async (...ids: string[]): Promise<{ key: string; prefix: string }> => {
  // What is shown here is the one place where a key may be seen.
  const { output, code } = await run(['device', 'add', ...ids, '--json', '--data', data.path])
  expect(code).toBe(0)
  const made = JSON.parse(output)
  secrets.push(made.key)
  return made
}

describe('a runtime with AUTH_MODE=keys', () => {
  it("says where its operator's token lies", () => {
    expect(runtime.output()).toContain(join(data.path, 'secrets/operator-token'))
  })

  it('lets its commands in, and nobody without the token', async () => {
    expect(await command('status')).toMatchObject({ code: 0, output: expect.stringContaining('detect-congestion') })
    expect(await command('resume', 'detect-congestion')).toMatchObject({ code: 0 })
    expect(await ask('/system/junction/status')).toMatchObject({ status: 401, challenge: expect.any(String) })
    expect((await ask('/metrics', operator)).status).toBe(200)
    expect((await ask('/healthz')).status).toBe(200)
    expect((await ask('/function/city/api/traffic-status')).status).toBe(200)
  })

  it('takes of a device what is its own, until its key is revoked', async () => {
    const { key, prefix } = await addKey('loop-1', 'loop-2')
    expect(await ask('/function/ingest', undefined, reading('loop-1'))).toMatchObject({ status: 401 })
    expect(await ask('/function/ingest', key, reading('loop-1'))).toMatchObject({ status: 202 })
    expect(await ask('/function/ingest', key, reading('loop-3'))).toMatchObject({ status: 403 })
    const batch = await ask('/function/ingest', key, [reading('loop-2'), reading('loop-3')])
    expect(JSON.parse(batch.text)).toMatchObject([{ status: 202 }, { status: 403, code: 'identity_mismatch' }])
    expect(await ask('/function/ingest?history=true', key, reading('loop-1'))).toMatchObject({ status: 403 })
    expect(await ask('/function/city/api/operator/sensors', key)).toMatchObject({ status: 403 })

    const list = await command('device', 'ls')
    expect(list.output).toMatch(new RegExp(`${prefix} +live +.*loop-1, loop-2`))
    expect(await command('device', 'revoke', prefix)).toMatchObject({ code: 0 })
    const began = performance.now()
    await until(
      'the end of the key',
      async () => (await ask('/function/ingest', key, reading('loop-1'))).status === 401,
    )
    // Kept for 5 s, and a slow machine.
    expect(performance.now() - began).toBeLessThan(30_000)
    expect((await command('device', 'revoke', prefix)).output).toContain('was revoked already')
  })

  it('takes history of its operator, and replays dead letters', async () => {
    const history = await ask('/function/ingest?history=true', operator, reading('loop-9', '2020-01-01T00:00:00Z'))
    expect(history.status).toBe(202)
    const { databaseUrl: url } = JSON.parse(await readFile(join(data.path, 'runtime.json'), 'utf8'))
    const password = await readFile(join(data.path, 'secrets/database-password'), 'utf8')
    const database = openDatabase({ url, password: password.trim(), max: 1, name: 'test' })
    const body = { ...reading('loop-9', '2024-05-06T08:00:00.000Z'), receivedAt: '2024-05-06T08:00:00.000Z' }
    await database.query(
      `insert into dead_letter (consumer, topic, partition, "offset", event_id, reason, error_class, error, headers, body)
       values ('detect-congestion', 'readings', 0, 0, 'loop-9@2024-05-06T08:00:00.000Z', 'attempts_exhausted', 'x', 'x',
         '{"source":"/function/ingest","type":"city.junction.readings.v1"}', $1)`,
      [Buffer.from(JSON.stringify({ ...body, quality: { flags: [], confidence: 1 } }))],
    )
    await database.close()
    expect((await command('dlq', 'replay', '--all')).output).toContain('1 of 1 replayed')
  })

  it('feeds itself with the token of its data folder', async () => {
    const feed = junction(['generate', '--data', data.path])
    await until('readings of the feed', async () => {
      const { text } = await ask('/function/city/api/traffic-status')
      return JSON.parse(text).features.length > 10
    })
    feed.child.kill('SIGINT')
    await feed.exited
    said += feed.output()
  })

  it('makes no third key of a device, and says what is wrong with others', async () => {
    await addKey('loop-7')
    await addKey('loop-7')
    expect(await command('device', 'add', 'loop-8', 'loop-7')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^junction: loop-7: .*at most 2 live keys.*\n$/),
    })
    expect((await command('device', 'add', 'a\nb')).output).toContain('can be no device')
    expect((await command('device', 'add', 'a', '--label', '')).output).toContain('a label has')
    expect((await command('device', 'revoke', '0123456789')).output).toContain('there is no key 0123456789')
  })

  // The last one: it looks at what all others left.
  it('writes no secret into its logs, its output or its answers', async () => {
    const { key } = await addKey('loop-5')
    // A key in the wrong place is not said again, nor one that is wrong.
    expect((await command('device', 'revoke', key)).code).toBe(1)
    await ask(`/function/ingest?key=${key}`, undefined, reading('loop-5'))
    await ask('/function/ingest', key, { ...reading('loop-5'), measures: 'none' })
    await ask('/function/ingest', `${key}x`, reading('loop-5'))
    const logs = join(data.path, 'logs')
    for (const file of await readdir(logs)) said += await readFile(join(logs, file), 'utf8')
    said += runtime.output()
    expect(said.length).toBeGreaterThan(1_000)
    expect(secrets.length).toBeGreaterThanOrEqual(7)
    // The part nobody may learn; all of a secret of the data folder, and of a key what follows its prefix.
    const parts = secrets.map((secret) => secret.replace(/^dk_[0-9a-f]{10}_/, ''))
    expect(parts.filter((part) => part.length < 20)).toEqual([])
    expect(parts.filter((part) => said.includes(part))).toEqual([])
  })
})
