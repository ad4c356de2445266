import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import {
  dataFolder,
  freePort,
  type Junction,
  junction,
  killProcessesOf,
  processesOf,
  run,
  socketFoldersOf,
  until,
} from './junction.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
let port: number
let runtime: Junction
beforeAll(async () => {
  data = await dataFolder()
  port = await freePort()
  runtime = await start()
})
afterAll(async () => {
  runtime.child.kill('SIGINT')
  await runtime.exited
  await killProcessesOf(data.path)
  await data.remove()
})

// Stepped by nobody: city time stands still.
const standing = ['--from', '2024-05-06T08:00:00Z', '--speed', '0']
const start = async () => {
  const one = junction(['up', '--data', data.path, '--port', String(port), ...standing])
  await until(`a URL in: ${one.output()}`, async () => one.output().includes('/function/city/'))
  return one
}

const system = (method: string, body: object) =>
  fetch(`http://127.0.0.1:${port}/system/functions`, { method, body: JSON.stringify(body) })
const deploy = async (method: 'PUT' | 'POST', body: object) => {
  const response = await system(method, body)
  expect([response.status, await response.text()]).toEqual([202, ''])
}
const call = async (name: string) => {
  const response = await fetch(`http://127.0.0.1:${port}/function/${name}`, { method: 'POST', body: 'hello' })
  return [response.status, await response.text()]
}
const status = async () => {
  const response = await fetch(`http://127.0.0.1:${port}/system/junction/status`)
  return RuntimeStatus.parse(await response.json())
}
const functionOf = async (name: string) => (await status()).functions.find((one) => one.name === name)
const settled = (name: string, revision: number) =>
  until(`revision ${revision} of ${name} serves`, async () => {
    const one = await functionOf(name)
    return one?.rollout === 'settled' && one.revision === revision
  })

const echo = { service: 'echo', image: 'any/echo', envProcess: 'cat' }

// One runtime for all: each test goes on where the one before it ended.
describe('what is deployed while the runtime runs', () => {
  it('survives a SIGKILL', async () => {
    await deploy('POST', echo)
    await settled('echo', 1)
    await deploy('PUT', { ...echo, envProcess: 'wc -c' })
    const sockets = await socketFoldersOf(data.path)
    // Between the word that it is accepted and the new one taking over.
    runtime.child.kill('SIGKILL')
    await runtime.exited
    await until('no process', async () => (await processesOf(data.path)).length === 0)
    expect(sockets.filter((folder) => existsSync(folder))).toEqual([])

    runtime = await start()
    await settled('echo', 2)
    expect(await call('echo')).toEqual([200, '5\n'])
  })

  it('goes on where a new revision is broken, and the status says so', async () => {
    await deploy('PUT', { ...echo, envProcess: 'false', envVars: { mode: 'http' } })
    await until('it failed', async () => (await functionOf('echo'))?.rollout === 'failed')
    expect(await call('echo')).toEqual([200, '5\n'])
    const shown = await run(['status', '--data', data.path])
    expect(shown.output).toMatch(/^echo +\S+ +3 failed, 2 serves /m)
    expect(shown.output).toMatch(/^echo: revision 3 does not serve: it ended 3 times before it was ready /m)
  })

  it('is rolled back by command, as far as there is something to go back to', async () => {
    expect(await run(['rollback', 'echo', '--data', data.path])).toEqual({
      code: 0,
      output: 'echo is rolled back from revision 3 to 2 (any/echo): "junction status" says when it serves\n',
    })
    await settled('echo', 2)
    await run(['rollback', 'echo', '--data', data.path])
    await settled('echo', 1)
    expect(await call('echo')).toEqual([200, 'hello'])
    expect(await run(['rollback', 'echo', '--data', data.path])).toMatchObject({
      code: 1,
      output: expect.stringContaining('echo has no earlier revision that ever took calls'),
    })
  })

  it('stays away once removed', async () => {
    expect((await system('DELETE', { functionName: 'echo' })).status).toBe(202)
    expect((await system('DELETE', { functionName: 'map-readings' })).status).toBe(202)
    runtime.child.kill('SIGINT')
    expect(await runtime.exited).toBe(0)
    runtime = await start()
    const names = (await status()).functions.map(({ name }) => name)
    expect(names).toContain('city')
    expect(names).not.toContain('echo')
    expect(names).not.toContain('map-readings')
  })

  it('is delivered to, by its wiring of the moment', async () => {
    const consumer = async () =>
      (await status()).connector.consumers.find((one) => one.consumer === 'detect-congestion')
    const before = await (await fetch(`http://127.0.0.1:${port}/system/function/detect-congestion`)).json()
    const { annotations, labels, limits, image } = before as Record<string, Record<string, string>>
    const anew = { service: 'detect-congestion', image, annotations, labels, limits }
    await until('it is delivered to', async () => (await consumer())?.partitions.length)
    expect((await system('DELETE', { functionName: 'detect-congestion' })).status).toBe(202)
    await until('it is delivered to no more', async () => (await consumer()) === undefined)
    const reading = {
      ...{ device: 'loop-1', observedAt: '2024-05-06T08:00:00Z', measures: { speed: 50 } },
      location: { type: 'Point', coordinates: [16.4, 48.2] },
    }
    const accepted = await fetch(`http://127.0.0.1:${port}/function/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(reading),
    })
    expect(accepted.status).toBe(202)
    await deploy('POST', { ...anew, annotations: { ...annotations, 'city.junction.batch': '7' } })
    await until('a state of loop-1', async () => {
      const response = await fetch(`http://127.0.0.1:${port}/function/city/api/traffic-status`)
      return ((await response.json()) as { features: unknown[] }).features.length > 0
    })
  })

  it('is refused where PostgreSQL has no room for it', async () => {
    const wide = {
      ...{ service: 'wide', image: 'any/ingest', labels: { 'com.openfaas.scale.max': '5' } },
      envVars: { DATABASE_POOL: '40' },
    }
    const response = await system('POST', wide)
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({
        detail: expect.stringMatching(/^wide needs 200 PostgreSQL connections, .* with a higher DATABASE_RESERVE/),
      }),
    ])
    expect(await readFile(join(data.path, 'deployments.json'), 'utf8').catch(() => '')).not.toContain('wide')
  })
})
