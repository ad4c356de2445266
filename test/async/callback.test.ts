import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { callbackSender } from '#runtime/async/callback-send.ts'
import type { Lookup } from '#runtime/async/guarded-lookup.ts'
import { functionSource, until } from '../gateway/fixture.ts'
import { openWorld, quickRetries, startListener, type World } from './harness.ts'

/** Answers with the status of its path, and with what it was sent. */
const reply = functionSource(`(request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    response.setHeader('x-own', 'of the function')
    response.setHeader('set-cookie', 'a=b')
    response.setHeader('junction-first', '1')
    response.writeHead(Number(request.url.slice(1)) || 200, { 'content-type': 'text/x-own' })
    response.end(Buffer.concat(chunks))
  })
}`)
const large = functionSource(`(request, response) => response.end(Buffer.alloc(1024 * 1024 + 1, 'x'))`)
/** Waits until its caller is gone, and says so in a file. */
const slow = functionSource(`(request, response) => {
  fs.appendFileSync(process.env.MARKS, 'begun\\n')
  response.on('close', () => fs.appendFileSync(process.env.MARKS, 'gone\\n'))
}`)

let world: World
const marks = join(tmpdir(), `junction-async-${randomUUID()}`)
beforeAll(async () => {
  world = await openWorld({
    functions: { reply, large, slow },
    annotations: { reply: quickRetries(2) },
    env: { MARKS: marks },
  })
})
afterAll(async () => {
  await world.stop()
  rmSync(marks, { force: true })
})

const leave = async (path: string, to: string, body: string | Buffer = 'what was sent'): Promise<string> => {
  const response = await world.post(`/async-function/${path}`, { headers: { 'x-callback-url': to }, body })
  expect(response.status).toBe(202)
  return response.headers.get('x-call-id') as string
}
const told = (id: string, callback: string) =>
  until(`the callback of ${id} is ${callback}`, async () => (await world.status(id)).callback === callback)

describe('a callback', () => {
  it('brings the answer, and which call it is of', async () => {
    const listener = await startListener()
    const body = Buffer.from([0, 255, 7])
    const id = await leave('reply/201', `${listener.url}/told?here=1#not-this`, body)
    await told(id, 'delivered')
    expect(listener.seen).toHaveLength(1)
    const [seen] = listener.seen
    expect(seen).toMatchObject({ method: 'POST', url: '/told?here=1', body })
    expect(seen?.headers).toMatchObject({
      'content-type': 'text/x-own',
      'content-length': '3',
      'x-own': 'of the function',
      'x-call-id': id,
      'x-function-name': 'reply',
      'x-function-status': '201',
      'x-duration-seconds': expect.stringMatching(/^\d+\.\d{6}$/),
    })
    for (const name of ['set-cookie', 'junction-first']) expect(seen?.headers).not.toHaveProperty(name)
    await listener.stop()
  })

  it.each([
    ['that was refused', 'reply/422', '422'],
    ['after the last attempt', 'reply/500', '500'],
  ])('tells of a call %s', async (_, path, status) => {
    const listener = await startListener()
    const id = await leave(path, listener.url)
    await told(id, 'delivered')
    expect(listener.seen).toMatchObject([{ headers: { 'x-function-status': status, 'x-call-id': id } }])
    expect(await world.status(id)).toMatchObject({ status: 'failed', httpStatus: Number(status) })
    await listener.stop()
  })

  it('tells of a function that cannot be reached', async () => {
    const broken = await openWorld({
      functions: { broken: 'process.exit(1)' },
      annotations: { broken: quickRetries(1) },
      limits: { maxWaitMs: 300 },
    })
    const listener = await startListener()
    await broken.post('/async-function/broken', { headers: { 'x-callback-url': listener.url } })
    await until('it is told', () => listener.seen.length === 1)
    expect(listener.seen[0]?.headers).toMatchObject({
      'x-function-status': '503',
      'content-type': 'application/problem+json',
    })
    await broken.stop()
    await listener.stop()
  })

  it('brings 1 MiB at most, and says so', async () => {
    const listener = await startListener()
    await told(await leave('large', listener.url), 'delivered')
    expect(listener.seen[0]?.headers['x-body-truncated']).toBe('true')
    expect(listener.seen[0]?.body).toHaveLength(1024 * 1024)
    await listener.stop()
  })

  it('is made again while it is not taken', async () => {
    const listener = await startListener([503, 200])
    const id = await leave('reply/200', listener.url)
    await told(id, 'delivered')
    expect(listener.seen).toHaveLength(2)
    await listener.stop()
  })

  it.each([404, 302])('that is answered %d is given up, and told in the log without the path', async (status) => {
    const listener = await startListener([status])
    const id = await leave('reply/200', `${listener.url}/secret-path`)
    await told(id, 'failed')
    expect(listener.seen).toHaveLength(1)
    const line = world.lines.find(({ callId }) => callId === id)
    expect(line).toMatchObject({ alarm: 'callback_failed', to: listener.url, status, function: 'reply' })
    expect(await world.status(id)).toMatchObject({ status: 'done' })
    await listener.stop()
  })

  it('is given up after five attempts, however long those take', async () => {
    const listener = await startListener([500])
    const id = await leave('reply/200', listener.url)
    const due = () => world.test.database.query('update async_callback set due_at = now()')
    for (let made = 1; made <= 5; made++) {
      await until(`it is made ${made} times`, async () => {
        if (listener.seen.length < made) await due()
        return listener.seen.length >= made
      })
    }
    await told(id, 'failed')
    expect((await world.test.database.query('select from async_callback')).rows).toHaveLength(0)
    await listener.stop()
  })

  it('reaches a function of this gateway, now or later', async () => {
    const before = world.fixture.gateway.metrics.invocations('reply')
    const { url } = world.fixture.gateway
    await told(await leave('large', `${url}/function/reply/200`), 'delivered')
    expect(world.fixture.gateway.metrics.invocations('reply')).toBe(before + 1)
    await told(await leave('large', `${url}/async-function/reply.openfaas-fn/200`), 'delivered')
    await until('the function was called', () => world.fixture.gateway.metrics.invocations('reply') === before + 2)
    for (const nobody of ['function/nobody', 'async-function/nobody'])
      await told(await leave('large', `${url}/${nobody}`), 'failed')
    const { rows } = await world.test.database.query(`select from async_call where function = 'nobody'`)
    expect(rows).toHaveLength(0)
  })
})

describe('a name', () => {
  /** Sends a callback to a host of whom this is the address. */
  const send = async (address: string, port: string) => {
    const never = (): Promise<never> => Promise.reject(new Error('nothing of this gateway is called'))
    const resolve: Lookup = (_host, { all }, found) =>
      all ? found(null, [{ address, family: 4 }]) : found(null, address, 4)
    const sender = callbackSender(never, never, resolve)
    const callback = { seq: '1', callId: 'id', function: 'f', headers: {}, body: Buffer.alloc(0), attempts: 1 }
    const answer = await sender.send({ ...callback, url: `http://name.example:${port}/` }, new AbortController().signal)
    await sender.close()
    return answer
  }

  it('that leads to where nobody may be called back is not gone after, and any other is', async () => {
    const listener = await startListener()
    const { port } = new URL(listener.url)
    expect(await send('127.0.0.1', port)).toMatchObject({ status: 200 })
    expect(await send('169.254.169.254', port)).toEqual({
      status: undefined,
      fault: 'nobody is called back at an address of that kind',
    })
    expect(listener.seen).toHaveLength(1)
    await listener.stop()
  })
})

describe('DELETE /async-function/{id}', () => {
  const remove = async (id: string) =>
    (await fetch(`${world.fixture.gateway.url}/async-function/${id}`, { method: 'DELETE' })).status
  const written = () => (existsSync(marks) ? readFileSync(marks, 'utf8').trim().split('\n') : [])

  it('ends a call that a process is at, and calls nobody back', async () => {
    const listener = await startListener()
    const id = await leave('slow', listener.url)
    await until('it has begun', () => written().includes('begun'))
    expect((await world.status(id)).status).toBe('running')
    expect(await remove(id)).toBe(202)
    await until('the function sees it', () => written().includes('gone'))
    expect(await world.status(id)).toMatchObject({ status: 'cancelled', attempts: 0 })
    expect(await remove(id)).toBe(202)
    const done = await leave('reply/200', listener.url)
    await told(done, 'delivered')
    expect(await remove(done)).toBe(409)
    expect(listener.seen).toHaveLength(1)
    await listener.stop()
  })
})
