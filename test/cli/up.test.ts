import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  dataFolder,
  freePort,
  junction,
  killProcessesOf,
  processesOf,
  run,
  socketFoldersOf,
  until,
} from './junction.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
beforeEach(async () => {
  data = await dataFolder()
})
afterEach(async () => {
  await killProcessesOf(data.path)
  await data.remove()
})

const up = (port: number, ...more: string[]) => junction(['up', '--data', data.path, '--port', String(port), ...more])

/** Starts and waits for its URL. */
const started = async (port: number, ...more: string[]) => {
  const runtime = up(port, ...more)
  await until(`a URL in: ${runtime.output()}`, async () => runtime.output().includes('/function/city/'))
  return runtime
}

const post = (port: number, device: string, observedAt: string, speed: number) =>
  fetch(`http://127.0.0.1:${port}/function/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      device,
      observedAt,
      location: { type: 'Point', coordinates: [16.4, 48.2] },
      measures: { speed },
    }),
  })

/** What the city says of its segments, without the instant it says it at. */
const states = async (port: number) => {
  const response = await fetch(`http://127.0.0.1:${port}/function/city/api/traffic-status`)
  const { features } = (await response.json()) as { features: { properties: Record<string, unknown> }[] }
  return features.map(({ properties: { asOf: _, ...properties } }) => properties)
}

const nothingLeft = async (sockets: string[]) => {
  await until(`no process of ${data.path}`, async () => (await processesOf(data.path)).length === 0)
  expect(sockets.filter((folder) => existsSync(folder))).toEqual([])
}

const segment = {
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [16.4, 48.2] },
  properties: { segment: 'ring-1', devices: ['loop-1'], freeFlowKmh: 50 },
}

// Stepped by nobody: city time stands still, and a state does not become stale between two looks.
const standing = ['--from', '2024-05-06T08:00:00Z', '--speed', '0']

describe('junction up', () => {
  it('turns a reading into a state, survives SIGKILL with it, and stops in order', async () => {
    const port = await freePort()
    const first = await started(port, ...standing)
    const file = `${data.path}/network.geojson`
    await writeFile(file, JSON.stringify({ type: 'FeatureCollection', features: [segment] }))
    expect((await run(['network', 'load', file, '--data', data.path])).code).toBe(0)
    expect((await post(port, 'loop-1', '2024-05-06T08:00:00Z', 50)).status).toBe(202)
    const known = await until('a state of ring-1', async () => {
      const all = await states(port)
      return all.some((state) => state.segment === 'ring-1' && state.speedKmh === 50) && all
    })
    expect(known).toEqual([expect.objectContaining({ segment: 'ring-1', level: 'free', ratio: 1 })])
    const sockets = await socketFoldersOf(data.path)
    expect(sockets).toHaveLength(2)
    first.child.kill('SIGKILL')
    expect(await first.exited).toBe('SIGKILL')
    await nothingLeft(sockets)

    const second = await started(port, ...standing)
    expect(await states(port)).toEqual(known)
    const socketsAgain = await socketFoldersOf(data.path)
    second.child.kill('SIGINT')
    expect(await second.exited).toBe(0)
    expect(second.output()).toContain('stopped in')
    await nothingLeft(socketsAgain)
    expect((await readdir(data.path)).sort()).toEqual(['logs', 'network.geojson', 'postgres', 'secrets'])
  })

  it('refuses a busy port, a folder in use and another clock, each in one line', async () => {
    const port = await freePort()
    const runtime = await started(port, ...standing)
    const busy = await run(['up', '--data', `${data.path}/other`, '--port', String(port)], { AUTH_MODE: 'dev' })
    expect(busy).toMatchObject({ code: 1 })
    expect(busy.output).toMatch(new RegExp(`junction: port ${port} is in use by pid ${runtime.child.pid} .*\\n$`))
    const locked = await run(['up', '--data', data.path, '--port', String(await freePort())], { AUTH_MODE: 'dev' })
    expect(locked.output).toContain(`in use by the runtime with pid ${runtime.child.pid}`)
    expect(locked.code).toBe(1)
    expect(await run(['down', '--data', data.path])).toMatchObject({ code: 0 })
    expect(await runtime.exited).toBe(0)
    const other = await run(['up', '--data', data.path, '--port', String(port)], { AUTH_MODE: 'dev' })
    expect(other.output).toContain('choose another --data')
    expect(other.code).toBe(1)
    await nothingLeft([])
  })

  it('does not start open to all: without AUTH_MODE, or with dev beyond loopback', async () => {
    const port = await freePort()
    const none = await run(['up', '--data', data.path, '--port', String(port)], {})
    expect(none).toMatchObject({ code: 1, output: expect.stringContaining('AUTH_MODE is not set') })
    const open = await run(['up', '--data', data.path, '--port', String(port), '--host', '0.0.0.0'], {
      AUTH_MODE: 'dev',
    })
    expect(open).toMatchObject({ code: 1, output: expect.stringContaining('HOST must be 127.0.0.1') })
    expect(await readdir(data.path)).toEqual([])
  })

  it('feeds the simulated city with --demo until Ctrl-C', async () => {
    const port = await freePort()
    const runtime = await started(port, '--demo', '--seed', '7')
    await until('nine segments of ten known', async () => {
      const all = await states(port)
      const known = all.filter(({ level }) => level !== 'unknown')
      return all.length > 60 && known.length >= 0.9 * all.length
    })
    runtime.child.kill('SIGINT')
    expect(await runtime.exited).toBe(0)
    expect(runtime.output()).toContain('stopped in')
    await nothingLeft([])
  })
})
