import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from '@jest/globals'
import { type Body, bodyReader } from '#runtime/gateway/body.ts'
import { until } from './fixture.ts'

const ends: (() => unknown)[] = []
afterEach(() => Promise.all(ends.splice(0).map((end) => end())))

/** A server that holds at most 10 bytes; what it read of each request, and how it is answered. */
const serve = async () => {
  const readBody = bodyReader(10)
  const read: (Body | 'full' | 'gone')[] = []
  const responses: ServerResponse[] = []
  const server = createServer(async (incoming, response) => {
    responses.push(response)
    read.push(await Promise.resolve(readBody(incoming, response)).catch(() => 'gone' as const))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const send = async (text: string) => {
    const before = read.length
    const call = request({ port, method: 'POST', agent: false, headers: { 'content-length': text.length } })
    call.on('error', () => {}).end(text)
    await until('it is read', () => read.length > before)
    return read[before]
  }
  return { port, send, read, responses }
}

it('takes no more bodies than there is room for, until one is needed no longer or is answered', async () => {
  const { send, responses } = await serve()
  const first = (await send('12345678')) as Body
  expect(await send('123')).toBe('full')
  expect(await send('12')).toMatchObject({ whole: Buffer.from('12') })
  expect(await send('1')).toBe('full')
  first.release()
  first.release()
  expect(await send('12345678')).toMatchObject({ whole: Buffer.from('12345678') })
  expect(await send('1')).toBe('full')
  const closed = new Promise((resolve) => responses.at(-2)?.once('close', resolve))
  responses.at(-2)?.end()
  await closed
  expect(await send('12345678')).toMatchObject({ whole: Buffer.from('12345678') })
})

it('does not count what a client that went had sent', async () => {
  const { port, send, read } = await serve()
  const call = request({ port, method: 'POST', agent: false, headers: { 'content-length': 10 } })
  call.on('error', () => {}).write('12345', () => call.destroy())
  await until('it is gone', () => read.includes('gone'))
  expect(await send('1234567890')).toMatchObject({ whole: Buffer.from('1234567890') })
})
