import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, it } from '@jest/globals'
import { refuseUnreadable } from '#runtime/gateway/refuse.ts'

const HEADERS_MS = 200

/** Connects, sends what it is told, and tells the first line of the answer; a thread, for the server's is blocked. */
const CLIENT = `
const { parentPort, workerData } = require('node:worker_threads')
const socket = require('node:net').connect(workerData.port, '127.0.0.1', () =>
  socket.write(workerData.text, () => Atomics.store(new Int32Array(workerData.sent), 0, 1)))
socket.on('data', (data) => parentPort.postMessage(String(data).split('\\r\\n')[0]))`

const ends: (() => unknown)[] = []
afterEach(() => Promise.all(ends.splice(0).map((end) => end())))

/** The answer of a server that does nothing for longer than its deadline once it has taken the connection. */
async function answerAfterStall(text: string): Promise<string> {
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: 10 * HEADERS_MS, connectionsCheckingInterval: 10 },
    (_, response) => response.end(),
  )
  refuseUnreadable(server)
  const sent = new SharedArrayBuffer(4)
  server.on('connection', () => {
    const isSent = () => Atomics.load(new Int32Array(sent), 0) === 1
    for (const end = performance.now() + 3 * HEADERS_MS; performance.now() < end || !isSent(); );
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = new Worker(CLIENT, { eval: true, workerData: { port, text, sent } })
  ends.push(
    () => client.terminate(),
    () => server.close(),
  )
  return new Promise((resolve, reject) => client.once('message', resolve).once('error', reject))
}

it('serves a request that came in time and lay unread', async () => {
  expect(await answerAfterStall('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('HTTP/1.1 200 OK')
})

it('H26 answers 408 to a connection that has sent nothing, or not all of its head', async () => {
  expect(await answerAfterStall('')).toBe('HTTP/1.1 408 Request Timeout')
  expect(await answerAfterStall('GET / HTTP/1.1\r\nHost: x\r\n')).toBe('HTTP/1.1 408 Request Timeout')
})
