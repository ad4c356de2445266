import { createHash } from 'node:crypto'
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Fixture, functionSource, startFixture, until } from './fixture.ts'

const MIB = 1024 * 1024
const SIZE = 100 * MIB

const carries = functionSource(`(() => {
  const block = Buffer.alloc(65536, 'traffic ')
  let written = 0
  let held
  let later
  const receive = (request, response) => {
    const hash = require('node:crypto').createHash('sha256')
    let size = 0
    request.on('data', (chunk) => { hash.update(chunk); size += chunk.length })
    request.on('end', () => response.end(size + ' ' + hash.digest('hex')))
  }
  return (request, response) => {
    const url = new URL(request.url, 'http://x')
    if (url.pathname === '/down') {
      let left = ${SIZE}
      written = 0
      const more = () => {
        while (left > 0) { left -= block.length; written += block.length; if (!response.write(block)) return response.once('drain', more) }
        response.end()
      }
      return more()
    }
    if (url.pathname === '/written') return response.end(String(written))
    if (url.pathname === '/later') {
      later = () => receive(request, response)
      return
    }
    if (url.pathname === '/read') {
      response.statusCode = later === undefined ? 404 : 200
      later?.()
      return response.end()
    }
    if (url.pathname === '/up') return receive(request, response)
    request.resume()
    if (url.pathname === '/held') { response.write('first '); held = response; return }
    if (url.pathname === '/release') { held.end('last'); return response.end() }
    response.statusCode = Number(url.searchParams.get('status') ?? 200)
    if (url.pathname === '/moved') response.setHeader('location', 'https://elsewhere.example/a?b=c#d')
    if (url.pathname === '/cookies') response.setHeader('set-cookie', ['a=1; Path=/', 'b=2'])
    if (url.pathname === '/zipped') { response.setHeader('content-encoding', 'gzip'); return response.end(require('node:zlib').gzipSync('small')) }
    if (url.pathname === '/length') { response.setHeader('content-length', '5'); return response.end(request.method === 'HEAD' ? undefined : 'small') }
    response.end([204, 304].includes(response.statusCode) ? undefined : request.method + ' ' + request.url)
  }
})()`)

let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture({ functions: { carries } })
})
afterAll(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

const ask = (path: string, options: RequestOptions = {}, body?: Readable): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const call = request(
      { port: fixture.gateway.port, path: `/function/carries${path}`, agent: false, ...options },
      resolve,
    )
    call.on('error', reject)
    if (body) pipeline(body, call).catch(reject)
    else call.end()
  })
const textOf = async (response: IncomingMessage) => Buffer.concat(await response.toArray()).toString()

function* blocks(sent: (bytes: number) => void = () => {}): Generator<Buffer> {
  const block = Buffer.alloc(65536, 'traffic ')
  for (let size = 0; size < SIZE; size += block.length) {
    sent(size)
    yield block
  }
  sent(SIZE)
}

const SHA = (() => {
  const hash = createHash('sha256')
  for (const block of blocks()) hash.update(block)
  return hash.digest('hex')
})()

/** What a count stands still at, once all buffers on the way are full. */
async function settled(count: () => number | Promise<number>): Promise<number> {
  let last = -1
  let same = 0
  await until('no more is sent', async () => {
    const now = await count()
    same = now === last ? same + 1 : 0
    last = now
    return now > 0 && same === 20
  })
  return last
}

describe('100 MiB', () => {
  it.each([
    ['with a length', { 'content-length': SIZE }],
    ['in chunks', {}],
  ])('go up %s', async (_, headers) => {
    const answer = await ask('/up', { method: 'POST', headers }, Readable.from(blocks()))
    expect(await textOf(answer)).toBe(`${SIZE} ${SHA}`)
  })

  it('come down', async () => {
    const answer = await ask('/down')
    const hash = createHash('sha256')
    for await (const chunk of answer) hash.update(chunk as Buffer)
    expect(hash.digest('hex')).toBe(SHA)
  })

  it('wait at the client for a function that does not read, and go on when it does', async () => {
    let sent = 0
    const body = Readable.from(blocks((bytes) => (sent = bytes)))
    const answered = ask('/later', { method: 'POST' }, body)
    expect(await settled(() => sent)).toBeLessThan(32 * MIB)
    await until('the function has the call', async () => (await ask('/read')).resume().statusCode === 200)
    expect(await textOf(await answered)).toBe(`${SIZE} ${SHA}`)
  })

  it('wait at the function for a client that does not read, and go on when it does', async () => {
    const answer = await ask('/down')
    answer.pause()
    const written = async () => Number(await textOf(await ask('/written')))
    expect(await settled(written)).toBeLessThan(32 * MIB)
    const hash = createHash('sha256')
    for await (const chunk of answer) hash.update(chunk as Buffer)
    expect(hash.digest('hex')).toBe(SHA)
    expect(await written()).toBe(SIZE)
  })

  it('wait no longer for a client that leaves', async () => {
    const answer = await ask('/down')
    answer.destroy()
    await until('nothing in flight', () => fixture.pools.get('carries')?.counts().inflight === 0)
  })
})

describe('an answer', () => {
  it.each([301, 302, 303, 307, 308])('that redirects (%i) is passed on, not followed', async (status) => {
    const answer = await ask(`/moved?status=${status}`, { method: 'POST' })
    expect([answer.statusCode, answer.headers.location]).toEqual([status, 'https://elsewhere.example/a?b=c#d'])
    await textOf(answer)
  })

  it.each([200, 201, 204, 304, 400, 404, 409, 418, 422, 429, 500, 502, 503])(
    'of status %i is passed on',
    async (status) => {
      const answer = await ask(`/any?status=${status}`)
      expect(answer.statusCode).toBe(status)
      expect(answer.headers['x-openfaas-internal']).toBeUndefined()
      expect(await textOf(answer)).toBe([204, 304].includes(status) ? '' : `GET /any?status=${status}`)
    },
  )

  it('keeps several headers of a name, an encoding and a length', async () => {
    expect((await ask('/cookies')).headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2'])
    const zipped = await ask('/zipped')
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(Buffer.concat(await zipped.toArray()).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
    const head = await ask('/length', { method: 'HEAD' })
    expect([head.headers['content-length'], await textOf(head)]).toEqual(['5', ''])
  })

  it('reaches the client as it is written, whatever its type', async () => {
    const answer = await ask('/held')
    const pieces = answer[Symbol.asyncIterator]()
    expect(String((await pieces.next()).value)).toBe('first ')
    await textOf(await ask('/release'))
    expect(String((await pieces.next()).value)).toBe('last')
    expect((await pieces.next()).done).toBe(true)
  })

  it('is of the path and query as they were sent', async () => {
    const path = '/a%20b/c;d/%E2%82%AC?x=%26&y=a+b&y=&&z'
    expect(await textOf(await ask(path, { method: 'PUT' }))).toBe(`PUT ${path}`)
  })
})
