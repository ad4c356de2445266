import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { dataFolder, freePort, junction, killProcessesOf, run, until } from '#test/cli/junction.ts'
import { type KafkaServer, startKafka } from '#test/servers/kafka.ts'
import { runKafkaPython } from '#test/servers/kafka-python.ts'

let server: KafkaServer
let data: Awaited<ReturnType<typeof dataFolder>>
beforeAll(async () => {
  server = await startKafka()
}, 600_000)
afterAll(() => server?.stop())
beforeEach(async () => {
  data = await dataFolder()
})
afterEach(async () => {
  await killProcessesOf(data.path)
  await data.remove()
})

const README = /```python\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''

/** What the README tells a newcomer to run, with other values. */
const produce = (replace: [string, string][] = []) => {
  const all: [string, string][] = [['127.0.0.1:9092', server.brokers[0] as string], ...replace]
  for (const [text] of all) if (!README.includes(text)) throw new Error(`the snippet of the README has no ${text}`)
  return runKafkaPython(all.reduce((program, [text, by]) => program.replaceAll(text, by), README))
}

const start = async (...more: string[]) => {
  const args = ['up', '--data', `${data.path}/city`, '--port', String(await freePort()), ...more]
  const runtime = junction(args, { AUTH_MODE: 'dev', BUS_URL: server.url })
  const url = await until('a URL', async () => /(http:\S+)\/function\/city\//.exec(runtime.output())?.[1])
  return { runtime, url }
}

const segment = async (url: string, name: string) => {
  const answer = await fetch(`${url}/function/city/api/traffic-status/${name}`)
  return answer.ok ? ((await answer.json()) as { properties: object }).properties : undefined
}

interface Letter {
  consumer: string
  topic: string
  reason: string
  error: string
}
const letters = async (): Promise<Letter[]> =>
  JSON.parse((await run(['dlq', 'ls', '--json', '--data', `${data.path}/city`])).output)

const SENSOR = '"s1"'
const COUNT = '"vehicle_count": 12'
const TIME = '"timestamp": now'
const OLD = '"timestamp": "2024-11-11T10:00:00Z"'

it("shows on the API what a newcomer's producer sends, and keeps what does not fit with the reason", async () => {
  const { runtime, url } = await start()
  await produce()
  await until('s1 on the API', () => segment(url, 's1'))
  expect(await segment(url, 's1')).toMatchObject({ level: 'unknown', windowStart: expect.any(String) })

  await produce([[COUNT, '"vehicle_count": "many"']])
  await produce([['dumps(message)', '"count=12"']])
  await produce([[TIME, OLD]])
  await produce([[SENSOR, '"s2"']])
  await until('what came behind them', () => segment(url, 's2'))
  const found = await until('three dead letters', async () => {
    const all = await letters()
    return all.length >= 3 && all
  })
  const expected = [
    ['validation', /^traffic-data: \/vehicle_count \(measures\/count\), "many", must be a number, not a text$/],
    ['decode', /^traffic-data: a message is not JSON: /],
    ['time_out_of_range', /^traffic-data: \/timestamp \(observedAt\), "2024-11-11T10:00:00Z", is more than 30d/],
  ] as const
  expect(found).toHaveLength(expected.length)
  for (const [reason, error] of expected)
    expect(found).toContainEqual(
      expect.objectContaining({
        ...{ consumer: 'map-readings', topic: 'traffic-data', reason },
        error: expect.stringMatching(error),
      }),
    )
  const replay = await run(['dlq', 'replay', '--reason', 'validation', '--data', `${data.path}/city`])
  expect(replay.output).toContain('must be a number, not a text')
  runtime.child.kill('SIGINT')
  expect(await runtime.exited).toBe(0)
}, 600_000)

it('takes a message of 2024 where it is that day in the city', async () => {
  await produce([
    [TIME, OLD],
    [SENSOR, '"of-2024"'],
  ])
  const { runtime, url } = await start('--clock', '2024-11-11T10:00:00Z', '--speed', '1')
  const state = await until('of-2024 on the API', () => segment(url, 'of-2024'))
  expect(state).toMatchObject({ windowStart: '2024-11-11T10:00:00.000Z' })
  runtime.child.kill('SIGINT')
  expect(await runtime.exited).toBe(0)
}, 600_000)
