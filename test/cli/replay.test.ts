import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import { replay } from '#demo/replayer.ts'
import type { RawReading } from '#shared/dataset/dataset.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one()
})

/** A city whose clock stands at `now`, and that keeps what it is sent; the first of three calls fails. */
const city = async (now: string, speed: number) => {
  const kept: RawReading[] = []
  let calls = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === '/system/junction/status') {
      response.end(JSON.stringify({ clock: { kind: 'database', now, speed } }))
      return
    }
    calls += 1
    if (calls % 3 === 1) {
      response.writeHead(503, { 'retry-after': '0' }).end()
      return
    }
    const body = Buffer.concat(chunks)
    const json = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const readings = JSON.parse(json.toString()) as RawReading[]
    kept.push(...readings)
    response.writeHead(207).end(JSON.stringify(readings.map((_, index) => ({ index, status: 202 }))))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  cleanUp.push(() => {
    server.closeAllConnections()
    server.close()
  })
  let said = ''
  const target = {
    gateway: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signal: new AbortController().signal,
    out: { write: (text: string) => (said += text) },
  }
  return { kept, target, said: () => said }
}

/** Two devices, six rows from 08:00 UTC, one every 5 minutes. */
const dataset = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'replay-'))
  cleanUp.push(() => rm(folder, { recursive: true }))
  const about = {
    title: 't',
    values: { file: 'v.csv', form: 'wide', start: '2024-01-01T09:00:00', step: 'PT5M', timeZone: 'Europe/Paris' },
    measure: 'speed',
    devices: { file: 'd.csv', id: 'id', latitude: 'lat', longitude: 'lon' },
  }
  await writeFile(join(folder, 'dataset.json'), JSON.stringify(about))
  await writeFile(join(folder, 'v.csv'), 'a,b\n1,11\n2,12\n3,13\n4,14\n5,15\n6,16\n')
  await writeFile(join(folder, 'd.csv'), 'id,lat,lon\na,48.8,2.3\nb,48.9,2.4\n')
  return folder
}
const speedsOf = (readings: RawReading[], device: string) =>
  readings.filter((reading) => reading.device === device).map((reading) => reading.measures.speed)

describe('replay', () => {
  it('delivers everything through failures, in order, and says what it did', async () => {
    const { kept, target, said } = await city('2024-01-01T07:59:00Z', 3000)
    const end = await replay(target, await dataset())
    expect(end).toMatchObject({ accepted: 12, refused: 0, skipped: 0 })
    expect(end.retries).toBeGreaterThan(0)
    expect(speedsOf(kept, 'a')).toEqual([1, 2, 3, 4, 5, 6])
    expect(speedsOf(kept, 'b')).toEqual([11, 12, 13, 14, 15, 16])
    expect(said()).toContain('the feed has ended: 2024-01-01 08:25Z  12 readings')
  })

  it('goes on where city time is', async () => {
    const { kept, target, said } = await city('2024-01-01T08:22:00Z', 3000)
    await replay(target, await dataset())
    expect(speedsOf(kept, 'a')).toEqual([4, 5, 6])
    expect(said()).toContain('3 steps lay before the city clock')
  })

  it('keeps a pace of its own if asked to', async () => {
    const { kept, target } = await city('1970-01-01T00:00:00Z', 1)
    await replay(target, await dataset(), 10_000)
    expect(speedsOf(kept, 'a')).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('says why it cannot start', async () => {
    const stepped = await city('2024-01-01T08:00:00Z', 0)
    await expect(replay(stepped.target, await dataset())).rejects.toThrow('the city clock is stepped by hand')
    const nobody = { ...stepped.target, gateway: 'http://127.0.0.1:1' }
    await expect(replay(nobody, await dataset())).rejects.toThrow(
      'http://127.0.0.1:1/system/junction/status cannot be reached',
    )
  })
})
