import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import { generate } from '#demo/generate.ts'
import { PROBE_SEGMENT } from '#demo/simulated-city.ts'
import type { RawReading } from '#shared/dataset/dataset.ts'
import { until } from './junction.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one()
})

const MINUTE = 60_000
const NOW = Date.parse('2024-01-10T08:02:00Z')

type Fault = '503' | 'cut' | 'nonsense'
/** How a city fails: what its first answers about history are, and its status for live readings once an hour of the past waits for its answer. */
interface Faults {
  history?: (Fault | undefined)[]
  live?: number
}

/** A city whose clock begins at `NOW`, and which has states of these windows. */
const city = async (known: number[] = [], { history: faults = [], live: liveStatus = 207 }: Faults = {}) => {
  const live: RawReading[] = []
  const history: RawReading[][] = []
  const asked: string[] = []
  let begin = () => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const past = { begun, begin, hungUp: false }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://city')
    if (pathname === '/system/junction/status')
      return response.end(JSON.stringify({ clock: { kind: 'real', now: new Date(NOW).toISOString(), speed: 1 } }))
    if (pathname.endsWith('/history')) {
      asked.push(pathname)
      const fault = faults.shift()
      if (fault === '503') return response.writeHead(503).end()
      if (fault === 'cut') return response.destroy()
      if (fault === 'nonsense') return response.end('{')
      if (known.length === 0) return response.writeHead(404).end()
      const from = Date.parse(searchParams.get('from') ?? '')
      const states = known
        .filter((at) => at >= from)
        .slice(0, 100)
        .map((at) => ({
          windowStart: new Date(at).toISOString(),
          windowEnd: new Date(at + 5 * MINUTE).toISOString(),
          speedKmh: 50,
        }))
      return response.end(JSON.stringify({ states }))
    }
    const body = Buffer.concat(chunks)
    const json = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const readings = JSON.parse(json.toString()) as RawReading[]
    const isHistory = searchParams.get('history') === 'true'
    if (liveStatus !== 207 && isHistory && history.length > 0) {
      // Never answered: only the caller can end it.
      response.once('close', () => (past.hungUp = true))
      past.begin()
      return
    }
    if (liveStatus !== 207 && !isHistory) {
      await past.begun
      return response.writeHead(liveStatus).end()
    }
    if (isHistory) history.push(readings)
    else live.push(...readings)
    return response.writeHead(207).end(JSON.stringify(readings.map((_, index) => ({ index, status: 202 }))))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  cleanUp.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { live, history, asked, past, gateway }
}

/** Feeds until `done`, then stops it. */
const feed = async (gateway: string, done: () => boolean) => {
  const stop = new AbortController()
  let said = ''
  const out = { write: (text: string) => (said += text) }
  const fed = generate({ gateway, signal: stop.signal, out }, 7)
  await until('the feed has come so far', async () => done())
  stop.abort()
  return { end: await fed, said }
}
const span = (readings: RawReading[]) => {
  const times = readings.map(({ observedAt }) => observedAt).sort()
  return [times[0]?.slice(0, 16), times.at(-1)?.slice(0, 16)]
}

describe('generate', () => {
  it('gives the last hour as history, then lives on while the hours before follow, newest first', async () => {
    const { live, history, gateway } = await city()
    const { end, said } = await feed(
      gateway,
      // The minutes since its last window are live from the first time on.
      () => history.length >= 3 && live.some(({ observedAt }) => observedAt >= '2024-01-10T08:02'),
    )
    expect(history.slice(0, 3).map(span)).toEqual([
      ['2024-01-10T06:59', '2024-01-10T07:54'],
      ['2024-01-10T05:59', '2024-01-10T06:54'],
      ['2024-01-10T04:59', '2024-01-10T05:54'],
    ])
    expect(
      live
        .map(({ observedAt }) => observedAt)
        .sort()[0]
        ?.slice(0, 10),
    ).toBe('2024-01-10')
    expect(span(live.filter(({ observedAt }) => observedAt >= '2024-01-10T07:55:00'))).toEqual([
      '2024-01-10T07:55',
      '2024-01-10T08:02',
    ])
    expect(end.accepted).toBeGreaterThan(3000)
    expect(said).toContain('the feed has ended')
  })

  it('sends nothing again of what the city knows, whatever its pages', async () => {
    const before = Date.parse('2024-01-10T07:55:00Z')
    const missing = Date.parse('2024-01-10T03:00:00Z')
    const known: number[] = []
    for (let at = Date.parse('2024-01-02T00:00:00Z'); at < before; at += 5 * MINUTE) if (at !== missing) known.push(at)
    const { history, asked, live, gateway } = await city(known)
    await feed(gateway, () => history.length > 0 && live.length > 0)
    expect(history.map(span)).toEqual([['2024-01-10T03:04', '2024-01-10T03:04']])
    expect(asked.length).toBeGreaterThan(20)
    expect(asked[0]).toContain(PROBE_SEGMENT)
  })

  it('asks again for each page that does not come, and sends nothing twice', async () => {
    const known: number[] = []
    const before = Date.parse('2024-01-10T07:55:00Z')
    const missing = Date.parse('2024-01-10T03:00:00Z')
    for (let at = Date.parse('2024-01-02T00:00:00Z'); at < before; at += 5 * MINUTE) if (at !== missing) known.push(at)
    const { history, live, gateway } = await city(known, { history: ['503', undefined, 'cut', undefined, 'nonsense'] })
    await feed(gateway, () => history.length > 0 && live.length > 0)
    expect(history.map(span)).toEqual([['2024-01-10T03:04', '2024-01-10T03:04']])
  })

  it('stops the past where the present is refused for good', async () => {
    const { past, gateway } = await city([], { live: 403 })
    const stop = new AbortController()
    cleanUp.push(() => stop.abort())
    await expect(generate({ gateway, signal: stop.signal, out: { write: () => {} } }, 7)).rejects.toThrow('answers 403')
    await until('the past has hung up', async () => past.hungUp)
  })
})
