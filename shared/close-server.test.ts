import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, it } from '@jest/globals'
import { serverCloser } from './close-server.ts'

/** Sends a request at once, a second one when told, and tells what comes; a thread, for the server's is blocked. */
const CLIENT = `
const { parentPort, workerData } = require('node:worker_threads')
const request = 'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'
const socket = require('node:net').connect(workerData.port, '127.0.0.1', () => socket.write(request))
const tell = (what) => parentPort.postMessage(what)
socket.on('data', (data) => tell(String(data).split('\\r\\n')[0]))
socket.on('error', (error) => tell(error.code))
socket.on('close', () => tell('closed'))
const told = new Int32Array(workerData.told)
Atomics.waitAsync(told, 0, 0).value.then(() => socket.write(request))`

const ends: (() => unknown)[] = []
afterEach(() => Promise.all(ends.splice(0).map((end) => end())))

it('answers a request that came over an idle connection while the process was busy', async () => {
  const server = createServer((_, response) => response.end())
  const close = serverCloser(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const told = new SharedArrayBuffer(4)
  const client = new Worker(CLIENT, { eval: true, workerData: { port: (server.address() as AddressInfo).port, told } })
  ends.push(() => client.terminate())
  const heard: string[] = []
  client.on('message', (what: string) => heard.push(what))
  while (heard.length === 0) await delay(10)

  const closed = close(5_000)
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  // Longer than idle connections stay open: the request lies there when the time is over. After an immediate timers come first.
  await new Promise(setImmediate)
  Atomics.store(new Int32Array(told), 0, 1)
  Atomics.notify(new Int32Array(told), 0)
  for (const end = performance.now() + 600; performance.now() < end; );
  await closed
  while (!heard.includes('closed')) await delay(10)
  expect(heard).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'closed'])
})
