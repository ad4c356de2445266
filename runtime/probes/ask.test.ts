import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, it } from '@jest/globals'
import { askProbe } from './ask.ts'

const [ASKED, GO, ANSWERED] = [0, 1, 2]

/** A server that answers a request when it is told; a thread, for the one who asks is blocked meanwhile. */
const SERVER = `
const { parentPort, workerData } = require('node:worker_threads')
const [ASKED, GO, ANSWERED] = [${[ASKED, GO, ANSWERED]}]
const turn = new Int32Array(workerData.turn)
require('node:http').createServer((request, response) => {
  Atomics.store(turn, ASKED, 1)
  Atomics.wait(turn, GO, 0)
  response.end('well', () => {
    Atomics.store(turn, ANSWERED, 1)
    Atomics.notify(turn, ANSWERED)
  })
}).listen(workerData.socketPath, () => parentPort.postMessage('listens'))`

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** Starts it; `turn` tells of the request, lets the answer go, and tells that it has gone. */
const listening = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'junction-probe-'))
  const socketPath = join(folder, 's')
  const shared = new SharedArrayBuffer(12)
  const server = new Worker(SERVER, { eval: true, workerData: { socketPath, turn: shared } })
  ends.push(
    () => server.terminate(),
    () => rmSync(folder, { recursive: true, force: true }),
  )
  await new Promise((resolve) => server.once('message', resolve))
  return { socketPath, turn: new Int32Array(shared) }
}

it('takes an answer that came in time while this process was busy', async () => {
  const { socketPath, turn } = await listening()
  const timeoutMs = 2_000
  const fault = askProbe(socketPath, '/', timeoutMs)
  while (Atomics.load(turn, ASKED) === 0) await new Promise(setImmediate)
  Atomics.store(turn, GO, 1)
  Atomics.notify(turn, GO)
  Atomics.wait(turn, ANSWERED, 0)
  for (const end = performance.now() + timeoutMs; performance.now() < end; );
  expect(await fault).toBeUndefined()
})

it('says of one that gives none how long it waited', async () => {
  const { socketPath } = await listening()
  expect(await askProbe(socketPath, '/', 100)).toBe('gave no answer within 100 ms')
})
