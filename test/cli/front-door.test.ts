import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import { frontDoor } from '#demo/front-door.ts'
import type { RawReading } from '#shared/dataset/dataset.ts'

type Answer = (devices: string[], response: ServerResponse, request: IncomingMessage) => void

const servers: (() => void)[] = []
afterEach(() => {
  for (const close of servers.splice(0)) close()
})

/** A gateway that gives these answers in turn, the last one for ever. */
const gateway = async (...answers: Answer[]) => {
  let calls = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
    const devices = (JSON.parse(text) as RawReading[]).map((reading) => reading.device)
    answers[Math.min(calls, answers.length - 1)]?.(devices, response, request)
    calls += 1
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  servers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: () => calls }
}

const stored: string[] = []
const items =
  (statusOf: (device: string) => number): Answer =>
  (devices, response) => {
    stored.push(...devices.filter((device) => statusOf(device) === 202))
    response.writeHead(207, { 'content-type': 'application/json' })
    response.end(JSON.stringify(devices.map((id, index) => ({ index, status: statusOf(id), id }))))
  }
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end('{"code":"x"}')
const reset: Answer = (_, __, request) => request.socket.destroy()

const readings = (...devices: string[]): RawReading[] =>
  devices.map((device) => ({
    device,
    observedAt: '2024-01-01T08:00:00.000Z',
    location: { type: 'Point', coordinates: [16, 48] },
    measures: { speed: 50 },
  }))
const { signal } = new AbortController()

describe('frontDoor', () => {
  it('delivers all readings through 429, 503, resets and items to be repeated', async () => {
    stored.length = 0
    const half = items((device) => (device === 'b' ? 503 : 202))
    const { url, calls } = await gateway(
      status(429, { 'retry-after': '0' }),
      status(503),
      reset,
      half,
      items(() => 202),
    )
    const outcome = await frontDoor(url)(readings('a', 'b', 'c'), signal)
    expect(outcome).toEqual({ accepted: 3, refused: 0, retries: 4 })
    expect(stored.sort()).toEqual(['a', 'b', 'c'])
    expect(calls()).toBe(5)
  })

  it('waits as long as Retry-After asks', async () => {
    const { url } = await gateway(
      status(503, { 'retry-after': '1' }),
      items(() => 202),
    )
    const began = performance.now()
    await frontDoor(url)(readings('a'), signal)
    expect(performance.now() - began).toBeGreaterThanOrEqual(990)
  })

  it('goes on by itself when the gateway comes up', async () => {
    const first = await gateway(items(() => 202))
    const { port } = new URL(first.url)
    servers.pop()?.()
    const posting = frontDoor(first.url)(readings('a'), signal)
    const late = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(202).end())
    })
    late.listen(Number(port), '127.0.0.1')
    servers.push(() => late.close())
    expect((await posting).accepted).toBe(1)
  })

  it('does not repeat what is refused for good', async () => {
    const { url, calls } = await gateway(items((device) => (device === 'b' ? 422 : 202)))
    const outcome = await frontDoor(url)(readings('a', 'b'), signal)
    expect(outcome).toEqual({ accepted: 1, refused: 1, retries: 0, firstRefusal: '{"index":1,"status":422,"id":"b"}' })
    expect(calls()).toBe(1)
  })

  it('zips large batches', async () => {
    stored.length = 0
    const { url } = await gateway(items(() => 202))
    const many = readings(...Array.from({ length: 250 }, (_, n) => `device-${n}`))
    expect((await frontDoor(url)(many, signal)).accepted).toBe(250)
    expect(stored).toHaveLength(250)
  })

  it('says who posts, and that it is history where it is', async () => {
    const asked: unknown[] = []
    const { url } = await gateway((devices, response, request) => {
      asked.push([request.url, request.headers.authorization])
      response.writeHead(207).end(JSON.stringify(devices.map((_, index) => ({ index, status: 202 }))))
    })
    await frontDoor(url)(readings('a'), signal)
    await frontDoor(url, { token: 'secret', history: true })(readings('a'), signal)
    expect(asked).toEqual([
      ['/function/ingest', undefined],
      ['/function/ingest?history=true', 'Bearer secret'],
    ])
  })

  it('fails where waiting does not help', async () => {
    const closed = await gateway(status(401))
    await expect(frontDoor(closed.url)(readings('a'), signal)).rejects.toThrow('answers 401')
    const short = await gateway((_, response) => response.writeHead(207).end('[]'))
    await expect(frontDoor(short.url)(readings('a'), signal)).rejects.toThrow('does not tell of each of 1 readings')
  })

  it('stops when aborted', async () => {
    const { url } = await gateway(status(503, { 'retry-after': '60' }))
    const stop = new AbortController()
    const posting = frontDoor(url)(readings('a'), stop.signal)
    setTimeout(() => stop.abort(), 50)
    await expect(posting).rejects.toThrow(/abort/i)
  })
})
