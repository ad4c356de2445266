import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { refuseUnreadable } from '#runtime/gateway/refuse.ts'
import { trackCalls } from '#shared/function/calls.ts'
import { functionMetrics } from '#shared/function/metrics.ts'
import { createFunctionServer } from '#shared/function/server.ts'
import { openTrace } from '#shared/function/trace.ts'
import { startFixture, until } from './fixture.ts'

const CONNECT = 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'
const GARBAGE = 'GET / GARBAGE/1.1\r\n\r\n'
const SOON = { headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 10 }

const ends: (() => unknown)[] = []
afterEach(() => Promise.all(ends.splice(0).map((end) => end())))

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => server.close())
  return (server.address() as AddressInfo).port
}

const gatewayServer = (handle: RequestListener = () => {}, options: ServerOptions = SOON): Server => {
  const server = createServer(options, handle)
  refuseUnreadable(server)
  return server
}

const functionServer = (): Server => {
  const metrics = functionMetrics('f', '1')
  const limits = { execTimeoutMs: 1_000, maxInflight: 1, maxStreams: 1, streamMaxMs: 1_000 }
  const draining = new AbortController().signal
  return createFunctionServer({ metrics, calls: trackCalls(limits, metrics), draining, trace: openTrace() })
}

/** A client that never ends its side by itself; `told` is what it got. */
const client = (port: number, text: string): { socket: Socket; told(): string; closed(): boolean } => {
  let told = ''
  let closed = false
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(text))
  socket.on('data', (data) => {
    told += data
  })
  socket.on('end', () => {
    closed = true
  })
  socket.on('error', () => {
    closed = true
  })
  ends.push(() => socket.destroy())
  return { socket, told: () => told, closed: () => closed }
}

const connections = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))))

describe('a client that resets after its CONNECT', () => {
  it.each([
    ['gateway', gatewayServer],
    ['function', functionServer],
  ])('ends nothing but its connection: %s', async (_, make) => {
    const server = make()
    const { socket, told } = client(await listen(server), CONNECT)
    await until('an answer', () => told() !== '')
    socket.resetAndDestroy()
    await until('no connection', async () => (await connections(server)) === 0)
    expect(told()).toMatch(/^HTTP\/1\.1 405 /)
  })

  it('is refused by the whole gateway alike', async () => {
    const fixture = await startFixture({ functions: {} })
    ends.push(fixture.stop)
    for (let i = 0; i < 5; i++) {
      const { socket, told } = client(fixture.gateway.port, CONNECT)
      await until('an answer', () => told() !== '')
      socket.resetAndDestroy()
      expect((await fetch(`${fixture.gateway.url}/healthz`)).status).toBe(200)
    }
  })
})

describe('a client that keeps its side open', () => {
  it.each([
    ['slow head', 'GET / HTTP/1.1\r\n', 408],
    ['slow body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc', 408],
    ['garbage', GARBAGE, 400],
    ['CONNECT', CONNECT, 405],
  ])('is answered and let go: %s', async (_, text, status) => {
    const server = gatewayServer()
    const { told } = client(await listen(server), text)
    await until('an answer', () => told() !== '')
    await until('no connection', async () => (await connections(server)) === 0)
    expect(told()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*\r\n\r\n$`, 's'))
  })

  it('is let go by a function', async () => {
    const server = functionServer()
    client(await listen(server), CONNECT)
    await until('a connection', async () => (await connections(server)) === 1)
    await until('no connection', async () => (await connections(server)) === 0)
  })
})

describe('an answer that is under way', () => {
  const begins: RequestListener = (_, response) => void response.writeHead(200).write('first')

  it('is broken off, and not written into, when the rest of the body does not come', async () => {
    const text = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'
    const { told, closed } = client(await listen(gatewayServer(begins)), text)
    await until('an end', closed)
    expect(told()).toMatch(/^HTTP\/1\.1 200 OK.*first\r\n$/s)
  })

  it('is broken off, and not written into, when garbage follows', async () => {
    const { socket, told, closed } = client(await listen(gatewayServer(begins)), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await until('a beginning', () => told().includes('first'))
    socket.write(GARBAGE)
    await until('an end', closed)
    expect(told()).toMatch(/^HTTP\/1\.1 200 OK.*first\r\n$/s)
  })

  it('of an earlier request does not count', async () => {
    const { socket, told, closed } = client(
      await listen(gatewayServer((_, response) => response.end('whole'))),
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    )
    await until('an answer', () => told().includes('whole'))
    socket.write(GARBAGE)
    await until('an end', closed)
    expect(told()).toContain('HTTP/1.1 400 ')
  })
})
