import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Later } from '#runtime/gateway/routes/async.ts'
import { openDatabase } from '#shared/state/database.ts'
import { functionSource, startFixture, until } from '../gateway/fixture.ts'
import { freePort } from '../ports.ts'
import { openQueues, openWorld, type World } from './harness.ts'

const OPERATOR = 'token-of-the-operator'
/** Answers with what it was asked, and appends that to a file. */
const echo = functionSource(`(request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const seen = { method: request.method, url: request.url, headers: request.headers, body: body.toString('base64') }
    fs.appendFileSync(process.env.SEEN, JSON.stringify(seen) + '\\n')
    response.end(body)
  })
}`)
const statusOf = functionSource(
  `(request, response) => response.writeHead(Number(request.url.slice(1))).end('so it is')`,
)

const folder = mkdtempSync(join(tmpdir(), 'junction-async-'))
const seenFile = join(folder, 'seen')
let world: World
beforeAll(async () => {
  world = await openWorld({ functions: { echo, status: statusOf }, env: { SEEN: seenFile } })
})
afterAll(async () => {
  await world.stop()
  rmSync(folder, { recursive: true })
})

interface SeenCall {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}
const callOf = (id: string): SeenCall | undefined =>
  readFileSync(seenFile, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SeenCall)
    .find(({ headers }) => headers['x-call-id'] === id)
const finished = (id: string, status = 'done') =>
  until(`${id} is ${status}`, async () => (await world.status(id)).status === status)

describe('a call for later', () => {
  it('is accepted with an id and an empty body, and made as it was asked', async () => {
    const body = Buffer.from([0, 1, 2, 255])
    const response = await world.post('/async-function/echo/a/b%20c?d=1&d=2', {
      headers: {
        'content-type': 'application/x-bytes',
        'x-own': 'of mine',
        'x-retry': '77',
        'junction-first': '1',
      },
      body,
    })
    expect([response.status, await response.text()]).toEqual([202, ''])
    const id = response.headers.get('x-call-id') as string
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    await finished(id)
    const made = callOf(id)
    expect(made).toMatchObject({
      method: 'POST',
      url: '/a/b%20c?d=1&d=2',
      body: body.toString('base64'),
      headers: {
        'content-type': 'application/x-bytes',
        'x-own': 'of mine',
        'x-call-id': id,
        'x-retry': '0',
        'x-retry-max': '10',
        'x-start-time': expect.stringMatching(/^\d{19}$/),
        'x-forwarded-for': expect.stringContaining('127.0.0.1'),
        traceparent: expect.stringMatching(/^00-/),
      },
    })
    expect(made?.headers['junction-first']).toBeUndefined()
  })

  it('keeps the id its caller gave', async () => {
    const id = `order-17.${randomUUID()}`
    const response = await world.post('/async-function/echo', { headers: { 'x-call-id': id }, body: 'x' })
    expect([response.status, response.headers.get('x-call-id')]).toEqual([202, id])
    await finished(id)
    expect(callOf(id)).toMatchObject({ url: '/' })
  })

  it('tells how it stands, and nothing of what it was asked with once it is done', async () => {
    const response = await world.post('/async-function/echo.openfaas-fn/secret-path', { body: 'a secret' })
    const id = response.headers.get('x-call-id') as string
    await finished(id)
    expect(await world.status(id)).toEqual({
      callId: id,
      function: 'echo',
      status: 'done',
      attempts: 1,
      httpStatus: 200,
      queuedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      finishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    const { rows } = await world.test.database.query('select path, headers, body from async_call where call_id = $1', [
      id,
    ])
    expect(rows).toEqual([{ path: '', headers: '', body: null }])
  })

  it.each([201, 302, 404, 422, 501])(
    'that is answered %d has that for its result, and no dead letter',
    async (status) => {
      const id = randomUUID()
      await world.post(`/async-function/status/${status}`, { headers: { 'x-call-id': id } })
      await finished(id, status < 400 ? 'done' : 'failed')
      expect(await world.status(id)).toMatchObject({ attempts: 1, httpStatus: status })
      const { rows } = await world.test.database.query('select from dead_letter where event_id = $1', [id])
      expect(rows).toHaveLength(0)
    },
  )

  it('is counted, by its function', async () => {
    const metrics = await (await world.get('/metrics')).text()
    const value = (line: RegExp) => Number(line.exec(metrics)?.[1])
    const labels = 'queue_name="faas-request",function_name="echo.openfaas-fn"'
    const done = value(new RegExp(`queue_worker_messages_processed_total\\{${labels},status="done"\\} (\\d+)`))
    expect(done).toBeGreaterThanOrEqual(3)
    expect(value(new RegExp(`queue_worker_messages_submitted_total\\{${labels}\\} (\\d+)`))).toBe(done)
    expect(
      value(/gateway_function_invocation_total\{function_name="echo.openfaas-fn",code="200"\} (\d+)/),
    ).toBeGreaterThanOrEqual(3)
  })
})

describe('refused is', () => {
  const problem = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]

  it('a function that is not there', async () => {
    expect(await problem(await world.post('/async-function/nobody'))).toEqual([404, 'not_found'])
    expect(await problem(await world.post('/async-function/echo.elsewhere'))).toEqual([404, 'not_found'])
    expect(await problem(await world.post('/async-function/No_Name'))).toEqual([404, 'not_found'])
  })

  it.each(['GET', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'])('%s', async (method) => {
    const response = await fetch(`${world.fixture.gateway.url}/async-function/echo`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, DELETE'])
  })

  it('a body over 1 MiB, and none of 1 MiB', async () => {
    const large = await world.post('/async-function/echo', { body: Buffer.alloc(1024 * 1024 + 1) })
    expect(await problem(large)).toEqual([413, 'oversize'])
    const id = randomUUID()
    const response = await world.post('/async-function/echo', {
      body: Buffer.alloc(1024 * 1024, 'x'),
      headers: { 'x-call-id': id },
    })
    expect(response.status).toBe(202)
    await finished(id)
  })

  it.each(['a/b', 'a b', 'a%2fb', '-x', 'x'.repeat(129), 'ä'])('the id %j', async (id) => {
    const response = await world.post('/async-function/echo', { headers: { 'x-call-id': id } })
    expect(await problem(response)).toEqual([400, 'invalid'])
  })

  it.each(['not a url', 'ftp://a.example/', 'http://user:pass@a.example/'])('the callback %s', async (url) => {
    const response = await world.post('/async-function/echo', { headers: { 'x-callback-url': url } })
    expect(await problem(response)).toEqual([400, 'invalid'])
  })

  it('a probe', async () => {
    expect(await problem(await world.post('/async-function/echo/_/health'))).toEqual([400, 'invalid'])
    expect(await problem(await world.post('/async-function/echo/metrics?x'))).toEqual([400, 'invalid'])
  })

  it('an id that nobody knows', async () => {
    expect((await world.get('/_local/invocations/nothing')).status).toBe(404)
    const gone = await fetch(`${world.fixture.gateway.url}/async-function/nothing`, { method: 'DELETE' })
    expect(gone.status).toBe(404)
  })
})

describe('with keys', () => {
  let keyed: World
  beforeAll(async () => {
    keyed = await openWorld({
      functions: { status: statusOf },
      auth: { mode: 'keys', operatorToken: OPERATOR, basicAuth: { user: 'admin', password: 'pw' } },
      callbackHosts: ['hooks.example'],
    })
  })
  afterAll(() => keyed.stop())

  it('anybody may leave a call, and the operator alone may ask for it or end it', async () => {
    const response = await keyed.post('/async-function/status/200')
    expect(response.status).toBe(202)
    const id = response.headers.get('x-call-id')
    for (const [method, path] of [
      ['GET', `/_local/invocations/${id}`],
      ['DELETE', `/async-function/${id}`],
    ] as const) {
      const ask = (headers: Record<string, string>) => fetch(`${keyed.fixture.gateway.url}${path}`, { method, headers })
      expect((await ask({})).status).toBe(401)
      expect((await ask({ authorization: `Bearer ${OPERATOR}` })).status).not.toBe(401)
    }
  })

  it.each([
    ['http://127.0.0.1:1/', 403, 202],
    ['https://anywhere.example/', 403, 202],
    ['https://hooks.example/x', 202, 202],
    ['http://169.254.169.254/', 403, 403],
  ])('%s may be called back: %d for anybody, %d for the operator', async (url, anybody, operator) => {
    const post = async (headers: Record<string, string>) =>
      (await keyed.post('/async-function/status/200', { headers: { 'x-callback-url': url, ...headers } })).status
    expect([await post({}), await post({ authorization: `Bearer ${OPERATOR}` })]).toEqual([anybody, operator])
  })
})

describe('a gateway', () => {
  const ask = async (later?: Later) => {
    const bare = await startFixture({ functions: { echo }, ...(later && { later }) })
    const response = await fetch(`${bare.gateway.url}/async-function/echo`, { method: 'POST' })
    await bare.stop()
    return response
  }

  it('without queues says so', async () => expect((await ask()).status).toBe(404))

  it('that is still starting asks to come again', async () => {
    const response = await ask({ calls: () => undefined, callbackHosts: [] })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  })

  it('whose PostgreSQL is away accepts nothing', async () => {
    const nowhere = openDatabase({ url: `postgres://junction@127.0.0.1:${await freePort()}/x`, max: 1, name: 'test' })
    const calls = openQueues({ ...world.test, open: () => nowhere }, async () => {
      throw new Error('nothing is called')
    })
    const response = await ask({ calls: () => calls, callbackHosts: [] })
    await calls.stop(0)
    await nowhere.close()
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  })
})
