import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { attempt } from '#runtime/connector/attempt.ts'
import { realTime } from '#runtime/connector/time.ts'
import { judgeSingle, judgeSlice, type Outcome } from '#runtime/connector/verdict.ts'
import { remoteGateway } from '#runtime/standalone/gateway.ts'
import { freePort } from '#test/cli/junction.ts'

const SENT = { first: 0n, next: 1n }
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A gateway that does this with each request; answers its port. */
async function gatewayThat(answers: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answers(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as { port: number }).port
}

const cutsOff = (socket: Socket): void => {
  socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"next"')
  setImmediate(() => socket.resetAndDestroy())
}

async function call(
  port: number,
  {
    headers = {},
    host = '127.0.0.1',
    isThere = true,
  }: { headers?: Record<string, string>; host?: string; isThere?: boolean } = {},
): Promise<Outcome> {
  const url = new URL(`http://${host}:${port}`)
  const gateway = remoteGateway({ url, authorization: () => undefined, isThere: () => isThere })
  ends.unshift(gateway.close)
  const limits = { attemptMs: 20_000, time: realTime, cut: new AbortController().signal }
  return attempt((signal) => gateway.invoke('f', { headers, body: Buffer.from('{}'), signal }), limits)
}

describe('a call through a gateway', () => {
  it('that cannot be reached, or is gone before it answers, is no fault of the event', async () => {
    const nobody = await freePort()
    const reset = await gatewayThat((socket) => socket.resetAndDestroy())
    const closed = await gatewayThat((socket) => socket.destroy())
    for (const port of [nobody, reset, closed])
      expect(judgeSingle(await call(port), SENT)).toMatchObject({ kind: 'world', code: 'unavailable' })
  })

  it('that this host cannot even try is no fault of the event', async () => {
    // An address of a link without the link: no connection is tried.
    const outcome = await call(80, { host: '[fe80::1]' })
    expect(judgeSingle(outcome, SENT)).toMatchObject({ kind: 'world', code: 'unavailable' })
  })

  it('whose answer is cut off or is none is counted: the function crashed', async () => {
    const cut = await gatewayThat(cutsOff)
    const rubbish = await gatewayThat((socket) => socket.end('what?\r\n\r\n'))
    for (const port of [cut, rubbish])
      expect(judgeSingle(await call(port), SENT)).toMatchObject({ kind: 'whole', code: 'crashed', final: false })
  })

  it('whose answer is cut off while the gateway does not answer others is no fault of the event', async () => {
    const port = await gatewayThat(cutsOff)
    const outcome = await call(port, { isThere: false })
    expect(judgeSingle(outcome, SENT)).toMatchObject({ kind: 'world', code: 'unavailable' })
  })

  it('that cannot even be sent is counted', async () => {
    const port = await gatewayThat((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
    const outcome = await call(port, { headers: { 'ce-subject': 'two\nlines' } })
    expect(judgeSingle(outcome, SENT)).toMatchObject({ kind: 'whole' })
  })

  it('is done with a long 2xx, but for a slice that is no answer', async () => {
    const long = `{"next":"1"${' '.repeat(2 << 20)}}`
    const port = await gatewayThat((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${long.length}\r\n\r\n${long}`),
    )
    const outcome = await call(port)
    expect(judgeSingle(outcome, SENT)).toEqual({ kind: 'done', next: 1n })
    expect(judgeSlice(outcome, SENT)).toMatchObject({ kind: 'whole', error: expect.stringContaining('over 1 MiB') })
  })
})
