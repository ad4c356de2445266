import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dataFolder, freePort, junction, killProcessesOf, until } from '#test/cli/junction.ts'
import { startKafka } from '#test/servers/kafka.ts'
import { startNats } from '#test/servers/nats.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
let onPostgres: string
beforeAll(async () => {
  data = await dataFolder()
  onPostgres = await morning('postgres', '7')
}, 600_000)
afterAll(async () => {
  await killProcessesOf(data.path)
  await data.remove()
})

/** Two hours of the town; answers the states it left. `meanwhile` is told the gateway once some readings are there. */
async function morning(
  name: string,
  seed: string,
  busUrl = 'postgres://',
  meanwhile: (gateway: string) => Promise<void> = async () => {},
): Promise<string> {
  const [port, file] = [await freePort(), `${data.path}/${name}.json`]
  const clock = ['--clock', '2024-03-04T06:00:00Z', '--speed', '360', '--for', '20', '--seed', seed]
  const where = ['--data', `${data.path}/${name}`, '--port', String(port), '--export', file]
  const runtime = junction(['up', '--demo', ...where, ...clock], { AUTH_MODE: 'dev', BUS_URL: busUrl })
  const gateway = `http://127.0.0.1:${port}`
  await until(`some readings in: ${runtime.output()}`, async () => (await readingsOn(gateway)) > 500)
  await meanwhile(gateway)
  const code = await runtime.exited
  expect({ code, output: runtime.output() }).toMatchObject({ code: 0, output: expect.stringContaining('stopped in') })
  return readFile(file, 'utf8')
}

async function readingsOn(gateway: string): Promise<number> {
  const status = (await (await fetch(`${gateway}/system/junction/status`)).json()) as {
    topics: { topic: string; events: string }[]
  }
  return Number(status.topics.find(({ topic }) => topic === 'readings')?.events)
}

/** Sends what makes no state; answers the status. */
async function ask(gateway: string): Promise<number> {
  const reading = { device: 'thermometer', observedAt: '2024-03-04T06:00:00Z', measures: { temperature: 4 } }
  const { status, headers } = await fetch(`${gateway}/function/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(reading),
  })
  if (status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  return status
}

describe.each([
  ['kafka', startKafka],
  ['nats', startNats],
])('the same morning on %s, killed and started again in the middle', (name, start) => {
  it('leaves the same states as on PostgreSQL, byte for byte', async () => {
    const server = await start()
    try {
      const states = await morning(name, '7', server.url, async (gateway) => {
        server.signal('SIGKILL')
        await until('503 while nothing can be stored', async () => (await ask(gateway)) === 503)
        await server.restart()
        await until('202 when it can', async () => (await ask(gateway)) === 202)
      })
      expect(states.split('\n').filter((line) => !line.includes('"speedKmh":null')).length).toBeGreaterThan(1000)
      expect(states === onPostgres).toBe(true)
    } finally {
      await server.stop()
    }
  }, 600_000)
})

describe('the morning of another seed', () => {
  it('leaves others', async () => {
    expect((await morning('other', '8')) === onPostgres).toBe(false)
  }, 600_000)
})
