import { expect, it } from '@jest/globals'
import { natsWorld } from '#test/bus/nats-world.ts'
import { dataFolder, freePort, junction, killProcessesOf, run, until } from '#test/cli/junction.ts'

const world = natsWorld()

it('maps the messages of a subject whose stream was made later, but for one that does not fit', async () => {
  const data = await dataFolder()
  try {
    const where = ['--data', `${data.path}/city`]
    const port = await freePort()
    const runtime = junction(['up', ...where, '--port', String(port)], { AUTH_MODE: 'dev', BUS_URL: world.server.url })
    await until('a word of waiting', async () => (await run(['status', ...where])).output.includes('waiting for topic'))
    const timestamp = new Date().toISOString()
    await world.raw(async ({ js, manager }) => {
      await manager.streams.add({ name: 'SENSORS', subjects: ['traffic-data'] })
      await js.publish('traffic-data', JSON.stringify({ vehicle_count: -1, timestamp }))
      await js.publish('traffic-data', JSON.stringify({ vehicle_count: 12, timestamp, sensor: 's1' }))
    })
    const url = `http://127.0.0.1:${port}/function/city/api/traffic-status/s1`
    await until('s1 on the API', async () => (await fetch(url)).ok, 60_000)
    const letters = JSON.parse((await run(['dlq', 'ls', '--json', ...where])).output)
    expect(letters.map(({ error }: { error: string }) => error)).toEqual([
      'traffic-data: /sensor (device) is missing: a text is needed',
    ])
    runtime.child.kill('SIGINT')
    expect(await runtime.exited).toBe(0)
  } finally {
    await killProcessesOf(data.path)
    await data.remove()
  }
}, 600_000)
