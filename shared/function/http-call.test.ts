import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Hono } from 'hono'
import { pino } from 'pino'
import { accessCheck } from './access.ts'
import { MAX_BODY } from './body.ts'
import { callerFinder } from './caller.ts'
import { trackCalls } from './calls.ts'
import { httpCalls } from './http-call.ts'
import { functionMetrics } from './metrics.ts'

const TOKEN = 'Bearer operator-token'

describe('a call with a body', () => {
  let server: Server
  let heads = 0
  beforeEach(async () => {
    heads = 0
    const limits = { execTimeoutMs: 10_000, maxInflight: 10, maxStreams: 1, streamMaxMs: 1000 }
    const calls = trackCalls(limits, functionMetrics('bodies', 'test'))
    const find = callerFinder({ mode: 'keys', operatorToken: 'operator-token' }, async () => undefined)
    const app = new Hono().post('/', async (context) => context.text(String((await context.req.text()).length)))
    const answer = httpCalls(app, pino({ level: 'silent' }), accessCheck({}, 'keys', find))
    server = createServer((incoming, response) => {
      const call = calls.begin(incoming, response)
      heads++
      if (call) answer(incoming, response, call)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })

  /** Sends the head of a POST and leaves the body to the test. */
  const post = (authorization: string | undefined, length: number) => {
    const headers = { 'content-length': length, ...(authorization === undefined ? {} : { authorization }) }
    const call = request({ port: (server.address() as AddressInfo).port, method: 'POST', headers, agent: false })
    const answer = new Promise<{ status: number; text: string }>((done, failed) => {
      call.on('error', failed)
      call.on('response', async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        done({ status: response.statusCode ?? 0, text })
      })
    })
    call.flushHeaders()
    return { call, answer }
  }

  it.each([undefined, 'Bearer wrong'])('is refused before a byte of it is read, with %s', async (authorization) => {
    const { call, answer } = post(authorization, MAX_BODY)
    expect((await answer).status).toBe(401)
    call.on('error', () => {}).destroy()
  })

  it('is told of who may call before it is told of its size', async () => {
    const stranger = post(undefined, MAX_BODY + 1)
    expect((await stranger.answer).status).toBe(401)
    stranger.call.on('error', () => {}).destroy()
    const operator = post(TOKEN, MAX_BODY + 1)
    expect((await operator.answer).status).toBe(413)
    operator.call.on('error', () => {}).destroy()
  })

  it('is read whole of who may call', async () => {
    const { call, answer } = post(TOKEN, MAX_BODY)
    while (heads === 0) await new Promise(setImmediate)
    call.end('x'.repeat(MAX_BODY))
    expect(await answer).toEqual({ status: 200, text: String(MAX_BODY) })
  })
})
