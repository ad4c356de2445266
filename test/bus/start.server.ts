import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { openBus } from '#shared/bus/open.ts'
import { dataFolder, freePort, junction, killProcessesOf, until } from '#test/cli/junction.ts'
import { freshDatabase } from '#test/postgres.ts'
import { startKafka } from '#test/servers/kafka.ts'
import { startNats } from '#test/servers/nats.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
beforeEach(async () => {
  data = await dataFolder()
})
afterEach(async () => {
  await killProcessesOf(data.path)
  await data.remove()
})

const where = async () => ['up', '--data', `${data.path}/city`, '--port', String(await freePort())]

const post = (url: string) =>
  fetch(`${url}/function/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device: 'loop-1', observedAt: new Date().toISOString(), measures: { speed: 50 } }),
  })

describe.each([
  ['Kafka', startKafka],
  ['NATS', startNats],
])('a start on %s', (_name, start) => {
  it('waits for a broker that is away, goes on by itself, and makes a state of what was refused before', async () => {
    const server = await start()
    try {
      server.signal('SIGKILL')
      const runtime = junction(await where(), { AUTH_MODE: 'dev', BUS_URL: server.url })
      const url = await until('a URL', async () => /(http:\S+)\/function\/city\//.exec(runtime.output())?.[1])
      expect(runtime.output()).toContain('waited for, readings are answered 503 meanwhile')
      const statuses: number[] = []
      // A cold start may take longer than the gateway waits for it.
      await until('503', async () => statuses[statuses.push((await post(url)).status) - 1] === 503)
      expect(statuses).not.toContain(202)
      await server.restart()
      await until('a word of it', async () => /bus: \w+ \S+ is there/.test(runtime.output()))
      await until('202', async () => (await post(url)).status === 202)
      await until('a state', async () => {
        const answer = await fetch(`${url}/function/city/api/traffic-status/loop-1`)
        const { properties } = (await answer.json()) as { properties?: { speedKmh: number } }
        return properties?.speedKmh === 50
      })
      runtime.child.kill('SIGINT')
      expect(await runtime.exited).toBe(0)
    } finally {
      await server.stop()
    }
  }, 600_000)

  it('ends where a topic has another number of partitions, and names both', async () => {
    const server = await start()
    const { database, drop } = await freshDatabase({ migrated: false })
    try {
      const log = pino({ level: 'silent' })
      const bus = await openBus(server.url, { database, log, secret: () => undefined })
      await bus.ensureTopics([{ topic: 'readings', partitions: 3, retentionDays: 1 }])
      await bus.close()
      const { output, exited } = junction(await where(), { AUTH_MODE: 'dev', BUS_URL: server.url })
      const both = /readings on .* has 3 partitions.*the registry says 8/
      await until('a word of it', async () => both.test(output()))
      // A broker that says so late is no longer waited for.
      if (!output().includes('waited for')) expect(await exited).toBe(1)
    } finally {
      await drop()
      await server.stop()
    }
  }, 600_000)
})
