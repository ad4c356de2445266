import { mkdir, stat, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { dataFolder, freePort, junction, killProcessesOf, run, until } from './junction.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
beforeEach(async () => {
  data = await dataFolder()
})
afterEach(async () => {
  await killProcessesOf(data.path)
  await data.remove()
})

const where = async () => ['up', '--data', `${data.path}/city`, '--port', String(await freePort())]

describe('junction up with a BUS_URL', () => {
  it.each([
    ['kafka://ann:s3cr3t@127.0.0.1:9092', 'the files bus-username and bus-password of SECRETS_DIR'],
    ['nats://s3cr3t@127.0.0.1', 'the file nats-creds'],
    ['amqp://s3cr3t', 'it must begin with postgres://, kafka:// or nats://'],
    ['kafka://127.0.0.1?acks=1', 'unknown parameter "acks"; known for kafka: tls, sasl'],
  ])('refuses %s and never tells what may be a password', async (url, text) => {
    const { code, output } = await run(await where(), { AUTH_MODE: 'dev', BUS_URL: url })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(text) })
    expect(output).not.toContain('s3cr3t')
  })

  it.each(['kafka', 'nats'])(
    'starts while %s is away: says so, answers readings 503, shows the rest',
    async (scheme) => {
      const broker = `127.0.0.1:${await freePort()}`
      const secrets = `${data.path}/city/secrets`
      await mkdir(secrets, { recursive: true })
      await writeFile(`${secrets}/bus-username`, 'ann', { mode: 0o644 })
      await writeFile(`${secrets}/bus-password`, 's3cr3t', { mode: 0o644 })
      const runtime = junction(await where(), { AUTH_MODE: 'dev', BUS_URL: `${scheme}://${broker}` })
      const url = await until('a URL', async () => /(http:\S+)\/function\/city\//.exec(runtime.output())?.[1])
      expect(runtime.output()).toMatch(
        new RegExp(`^ {2}bus .*${scheme} ${broker} .*: waited for, readings are answered 503`, 'm'),
      )
      expect((await stat(`${secrets}/bus-password`)).mode & 0o777).toBe(0o400)

      const answer = await fetch(`${url}/function/ingest`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ device: 'loop-1', observedAt: new Date().toISOString(), measures: { speed: 50 } }),
      })
      expect(answer.status).toBe(503)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await answer.json()).toMatchObject({ code: 'transient' })
      expect((await fetch(`${url}/function/city/api/traffic-status`)).status).toBe(200)
      const status = await run(['status', '--data', `${data.path}/city`])
      expect(status.output).toContain(`bus: ${scheme} ${broker}`)
      expect(status.output).toContain('the connector is not ready')

      runtime.child.kill('SIGINT')
      expect(await runtime.exited).toBe(0)
      expect(runtime.output()).not.toContain('s3cr3t')
    },
  )
})
