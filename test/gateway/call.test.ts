import { createHash } from 'node:crypto'
import { createServer, get, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { PortBusyError, startGateway } from '#runtime/gateway/server.ts'
import {
  CONNECTOR_KEY,
  type Fixture,
  functionSource,
  noDeployments,
  noOperator,
  noRestApi,
  startFixture,
  until,
} from './fixture.ts'

const echo = functionSource(`(request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const sha = require('node:crypto').createHash('sha256').update(body).digest('hex')
    response.setHeader('x-mine', ['a', 'b'])
    response.setHeader('content-type', 'application/json')
    if (request.url.startsWith('/418')) response.statusCode = 418
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, size: body.length, sha }))
  })
}`)

// Writes for ever; tells how many of its answers are still open.
const flood = functionSource(`(() => {
  let open = 0
  return (request, response) => {
    if (request.url === '/open') return response.end(String(open))
    open++
    response.on('close', () => open--)
    if (request.url !== '/silent') response.writeHead(200, request.url === '/sse' ? { 'content-type': 'text/event-stream' } : {})
    if (request.url === '/silent') { response.writeHead(200, { 'content-type': 'text/event-stream' }); return response.flushHeaders() }
    if (request.url === '/sse') return response.write('data: 1\\n\\n')
    const more = () => { while (!response.destroyed && response.write(Buffer.alloc(65536))); response.once('drain', more) }
    more()
  }
})()`)

const crash = functionSource(`(request, response) => process.exit(7)`)
const slow = functionSource(`() => {}`)
const deaf = functionSource(`() => {}`).replace(
  "return response.end('ok')",
  "return server.close(), response.end('ok')",
)
const neverReady = `setInterval(() => {}, 1000); process.on('disconnect', () => process.exit())`

let fixture: Fixture
let base: string

beforeAll(async () => {
  fixture = await startFixture({
    functions: { echo, flood, crash, slow, deaf, 'never-ready': neverReady },
    execTimeoutMs: 4_000,
  })
  base = fixture.gateway.url
})
afterAll(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

interface Echo {
  method: string
  url: string
  headers: Record<string, string>
  size: number
  sha: string
}

const call = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${base}/function/echo${path}`, init)
  return { response, echo: (await response.json()) as Echo }
}

describe('a call of a function', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'OPTIONS'])(
    '%s goes through with path, query and status',
    async (method) => {
      const { response, echo } = await call('.openfaas-fn/418/x?y=1&y=2', { method })
      expect(response.status).toBe(418)
      expect([echo.method, echo.url]).toEqual([method, '/418/x?y=1&y=2'])
    },
  )

  it('HEAD has no body', async () => {
    const response = await fetch(`${base}/function/echo`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it("carries OpenFaaS's headers, and a trace when the caller has none", async () => {
    const { response, echo } = await call('', { method: 'POST', body: 'x', headers: { 'x-start-time': '1' } })
    expect(echo.headers['x-call-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(echo.headers['x-start-time']).toMatch(/^\d{19}$/)
    expect(echo.headers['x-forwarded-for']).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(echo.headers['x-forwarded-host']).toBe(base.slice(7))
    expect(echo.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(response.headers.get('x-call-id')).toBe(echo.headers['x-call-id'])
    expect(response.headers.get('x-start-time')).toBe(echo.headers['x-start-time'])
    expect(response.headers.get('x-served-by')).toBe('junction/1.2.3')
    expect(response.headers.get('x-mine')).toBe('a, b')
    expect(response.headers.get('x-openfaas-internal')).toBeNull()
  })

  it("keeps the caller's id and trace, and does not echo an id it did not make", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { response, echo } = await call('', {
      headers: { 'x-call-id': 'mine', traceparent, 'x-forwarded-for': '192.0.2.1' },
    })
    expect(echo.headers).toMatchObject({ 'x-call-id': 'mine', traceparent, 'x-forwarded-for': '192.0.2.1' })
    expect(response.headers.get('x-call-id')).toBeNull()
  })

  it('removes headers of the hop', async () => {
    const headers: Record<string, string> = await new Promise((resolve) => {
      const request = httpRequest(`${base}/function/echo`, {
        headers: {
          connection: 'x-private',
          'x-private': '1',
          te: 'trailers',
          'proxy-authorization': 'Basic x',
          'x-public': '1',
        },
      })
      request.on('response', async (response) => {
        const body = Buffer.concat(await response.toArray())
        resolve((JSON.parse(body.toString()) as Echo).headers)
      })
      request.end()
    })
    expect(headers['x-public']).toBe('1')
    for (const name of ['x-private', 'te', 'proxy-authorization']) expect(headers[name]).toBeUndefined()
  })

  it("lets Junction-* headers pass only with the connector's token", async () => {
    const headers = { 'Junction-First': '7', 'junction-topic': 'readings' }
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Bearer ${CONNECTOR_KEY}x`, `Basic ${CONNECTOR_KEY}`]) {
      const { echo } = await call('', { headers: { ...headers, ...(authorization ? { authorization } : {}) } })
      expect(Object.keys(echo.headers).filter((name) => name.startsWith('junction-'))).toEqual([])
    }
    const { echo } = await call('', { headers: { ...headers, authorization: `Bearer ${CONNECTOR_KEY}` } })
    expect(echo.headers).toMatchObject({ 'junction-first': '7', 'junction-topic': 'readings' })
  })

  it.each([0, 1, 1024 * 1024, 1024 * 1024 + 1, 5_000_000])(
    'carries a body of %i bytes, with and without a length',
    async (size) => {
      const body = Buffer.alloc(size, 'traffic ')
      const sha = createHash('sha256').update(body).digest('hex')
      expect((await call('', { method: 'POST', body })).echo).toMatchObject({ size, sha })
      const chunked = new Blob([body]).stream()
      expect((await call('', { method: 'POST', body: chunked, duplex: 'half' } as RequestInit)).echo).toMatchObject({
        size,
        sha,
      })
    },
  )

  it('of an unknown function is 404, marked as made by the platform', async () => {
    const response = await fetch(`${base}/function/nobody`, { method: 'POST' })
    expect([response.status, response.headers.get('x-openfaas-internal')]).toEqual([404, 'proxy'])
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({
      status: 404,
      code: 'not_found',
      detail: expect.stringContaining('nobody.openfaas-fn'),
    })
  })

  it('that kills its replica is 502, retryable', async () => {
    const response = await fetch(`${base}/function/crash`, { method: 'POST', body: 'x' })
    expect([response.status, response.headers.get('x-openfaas-internal')]).toEqual([502, 'proxy'])
    expect(await response.json()).toMatchObject({ code: 'crashed', retryable: true })
  })

  it('that gets no answer in time is 504', async () => {
    const response = await fetch(`${base}/function/slow`, { method: 'POST', body: 'x' })
    expect([response.status, response.headers.get('x-openfaas-internal')]).toEqual([504, 'proxy'])
  })
})

describe('a client that goes away', () => {
  const open = async () => (await fetch(`${base}/function/flood/open`)).text()

  it.each(['/for-ever', '/sse'])('ends the answer of %s at the function', async (path) => {
    const request = get(`${base}/function/flood${path}`)
    await new Promise((resolve) => request.on('response', (response) => response.once('data', resolve)))
    expect(await open()).toBe('1')
    request.destroy()
    await until('the answer over', async () => (await open()) === '0')
    await until('nothing in flight', () => fixture.pools.get('flood')?.counts().inflight === 0)
  })

  it('gets the head of a stream that is still silent, which counts in flight', async () => {
    const controller = new AbortController()
    const response = await fetch(`${base}/function/flood/silent`, { signal: controller.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(fixture.pools.get('flood')?.counts().inflight).toBe(1)
    controller.abort()
    await until('nothing in flight', () => fixture.pools.get('flood')?.counts().inflight === 0)
  })

  it('while it sends its body leaves nothing in flight', async () => {
    const request = httpRequest(`${base}/function/echo`, { method: 'POST', headers: { 'content-length': 2_000_000 } })
    request.on('error', () => {})
    request.write(Buffer.alloc(1_500_000))
    await until('in flight', () => fixture.pools.get('echo')?.counts().inflight === 1)
    request.destroy()
    await until('nothing in flight', () => fixture.pools.get('echo')?.counts().inflight === 0)
  })
})

describe('the call from within', () => {
  it('is routed and counted like one over HTTP', async () => {
    const before = fixture.gateway.metrics.invocations('echo')
    const answer = await fixture.gateway.invoke('echo', {
      headers: { 'junction-first': '1' },
      body: Buffer.from('abc'),
    })
    expect([answer.status, answer.via]).toEqual([200, 'function'])
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      method: 'POST',
      url: '/',
      size: 3,
      headers: { 'junction-first': '1' },
    })
    expect(fixture.gateway.metrics.invocations('echo')).toBe(before + 1)
  })

  it('tells the platform from the function', async () => {
    const empty = { headers: {}, body: Buffer.from('x') }
    expect(await fixture.gateway.invoke('nobody', empty)).toMatchObject({ status: 404, via: 'platform' })
    expect(await fixture.gateway.invoke('crash', empty)).toMatchObject({ status: 502, via: 'platform' })
    expect(await fixture.gateway.invoke('slow', empty)).toMatchObject({ status: 504, via: 'platform' })
  })

  it('ends with its signal', async () => {
    const controller = new AbortController()
    const answer = fixture.gateway.invoke('slow', { headers: {}, body: Buffer.from('x'), signal: controller.signal })
    await until('in flight', () => fixture.pools.get('slow')?.counts().inflight === 1)
    controller.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    await until('nothing in flight', () => fixture.pools.get('slow')?.counts().inflight === 0)
  })
})

describe('a call from within that every replica refuses', () => {
  it('is told from one that crashes its replica', async () => {
    const answer = await fixture.gateway.invoke('deaf', { headers: {}, body: Buffer.from('x') })
    expect([answer.status, answer.via, JSON.parse(answer.body.toString()).code]).toEqual([
      502,
      'platform',
      'no_replica',
    ])
  })
})

describe('a call from within that is given up', () => {
  it('says so when no replica ever had it', async () => {
    const signal = AbortSignal.timeout(300)
    const answer = fixture.gateway.invoke('never-ready', { headers: {}, body: Buffer.from('x'), signal })
    await expect(answer).rejects.toMatchObject({ code: 'NO_REPLICA' })
    expect(fixture.pools.get('never-ready')?.counts()).toMatchObject({ inflight: 0, waiting: 0 })
  })
})

describe('a busy port', () => {
  it('is an error that names its holder', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => holder.once('listening', done))
    const { port } = holder.address() as AddressInfo
    const { pools } = fixture
    const options = {
      host: '127.0.0.1',
      port,
      deployments: noDeployments(pools),
      pools,
      connectorKey: 'k',
      ...noRestApi,
      auth: { mode: 'dev' } as const,
      version: '0',
      operator: noOperator,
    }
    const failed = startGateway({ ...options, onError: () => {}, onLockout: () => {} })
    await expect(failed).rejects.toThrow(`port ${port} on 127.0.0.1 is already used by pid ${process.pid} (`)
    await expect(failed).rejects.toBeInstanceOf(PortBusyError)
    holder.close()
  })
})
