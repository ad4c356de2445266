import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { DatabaseUnavailable } from '#shared/state/database.ts'
import { type Fixture, functionSource, startFixture, until } from './fixture.ts'

const hello = functionSource(`(request, response) => { request.resume(); response.end('hello') }`)

let fixture: Fixture
let base: string
const resumed: string[] = []
const asked: string[] = []

beforeAll(async () => {
  fixture = await startFixture({
    functions: { hello, other: hello },
    definition: { environment: { LEVEL: 'low' }, limits: { memory: '128Mi' }, annotations: { note: 'a\nb' } },
    operator: {
      status: async () => ({ alarms: [] }),
      resume: async (name) => {
        resumed.push(name)
        return name === 'hello'
      },
      deadLetters: {
        list: async (query) => {
          if (query.has('broken')) throw new DatabaseUnavailable('PostgreSQL cannot be reached: gone')
          return { total: 0, byReason: { asked: query.size }, deadLetters: [], next: null }
        },
        replay: async (id) => {
          asked.push(id)
          return id === 'a'
            ? { id, consumer: 'hello', eventId: null, outcome: 'failed', detail: '422 no' }
            : { problem: { status: 404, title: 'Not found', detail: 'none', code: 'not_found' } }
        },
      },
    },
  })
  base = fixture.gateway.url
})
afterAll(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

const status = {
  namespace: 'openfaas-fn',
  annotations: { note: 'a\nb' },
  envVars: { LEVEL: 'low' },
  limits: { memory: '128Mi' },
  createdAt: '2012-03-01T08:00:00.000Z',
}

describe("OpenFaaS's REST API", () => {
  it('describes what never ran without empty fields', async () => {
    const other = { ...status, name: 'other', image: 'other:latest', labels: { faas_function: 'other' } }
    const response = await fetch(`${base}/system/function/other?usage=1&namespace=openfaas-fn`, {
      headers: { authorization: 'Bearer ' },
    })
    expect([response.status, await response.json()]).toEqual([200, other])
  })

  it('counts replicas and invocations', async () => {
    await fetch(`${base}/function/hello`)
    const list = (await (await fetch(`${base}/system/functions`)).json()) as object[]
    expect(list).toHaveLength(2)
    expect(list[0]).toEqual({
      ...status,
      name: 'hello',
      image: 'hello:latest',
      labels: { faas_function: 'hello' },
      invocationCount: 1,
      replicas: 1,
      availableReplicas: 1,
    })
    expect(await (await fetch(`${base}/system/functions?namespace=other`)).json()).toEqual([])
  })

  it('scales by hand, with the namespace in body or query', async () => {
    const scale = (name: string, body: string) =>
      fetch(`${base}/system/scale-function/${name}`, { method: 'POST', body })
    expect((await scale('hello?namespace=openfaas-fn', '{"serviceName":"hello","replicas":0}')).status).toBe(202)
    await until('no replica', () => fixture.pools.get('hello')?.counts().ready === 0)
    expect((await scale('hello', '{"serviceName":"hello","replicas":1,"namespace":"openfaas-fn"}')).status).toBe(202)
    await until('a replica', () => fixture.pools.get('hello')?.counts().ready === 1)
    expect((await scale('nobody', '{"serviceName":"nobody","replicas":1}')).status).toBe(404)
    for (const body of ['', '{', '{"replicas":-1}', '{"replicas":"1"}'])
      expect((await scale('hello', body)).status).toBe(400)
  })

  it('tells what it is, and is healthy', async () => {
    expect(await (await fetch(`${base}/system/info`)).json()).toEqual({
      provider: { provider: 'junction', orchestration: 'processes', version: { sha: '', release: '1.2.3' } },
      version: { sha: '', release: '1.2.3' },
      arch: process.arch,
    })
    expect((await fetch(`${base}/healthz`)).status).toBe(200)
  })

  it("has metrics under OpenFaaS's names", async () => {
    await fetch(`${base}/function/hello`)
    const text = await (await fetch(`${base}/metrics`)).text()
    for (const line of [
      /^gateway_function_invocation_total\{function_name="hello\.openfaas-fn",code="200"\} \d+$/m,
      /^gateway_function_invocation_started\{function_name="hello\.openfaas-fn"\} \d+$/m,
      /^gateway_functions_seconds_count\{function_name="hello\.openfaas-fn",code="200"\} \d+$/m,
      /^gateway_service_count\{function_name="other\.openfaas-fn"\} 0$/m,
      /^provider_http_requests_total\{code="200",method="GET",path="\/system\/info"\} 1$/m,
    ]) {
      expect(text).toMatch(line)
    }
  })

  it('answers 404 to unknown paths and 405 with Allow to wrong methods', async () => {
    expect((await fetch(`${base}/system/nothing`)).status).toBe(404)
    expect((await fetch(`${base}/system/function/nobody`)).status).toBe(404)
    const wrong = await fetch(`${base}/system/info`, { method: 'POST' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it("hands the operator's requests over", async () => {
    expect(await (await fetch(`${base}/system/junction/status`)).json()).toEqual({ alarms: [] })
    expect((await fetch(`${base}/system/junction/resume/hello`, { method: 'POST' })).status).toBe(202)
    expect((await fetch(`${base}/system/junction/resume/nobody`, { method: 'POST' })).status).toBe(404)
    expect(resumed).toEqual(['hello', 'nobody'])
  })

  it('hands over what is asked of the dead letters, and says when the database is down', async () => {
    const letters = `${base}/system/junction/dead-letters`
    expect(await (await fetch(`${letters}?consumer=hello&limit=3`)).json()).toMatchObject({ byReason: { asked: 2 } })
    const replayed = await fetch(`${letters}/a/replay`, { method: 'POST' })
    expect([replayed.status, await replayed.json()]).toEqual([200, expect.objectContaining({ outcome: 'failed' })])
    const unknown = await fetch(`${letters}/b/replay`, { method: 'POST' })
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
    expect((await fetch(`${letters}/a/replay`)).status).toBe(405)
    expect(asked).toEqual(['a', 'b'])
    const down = await fetch(`${letters}?broken`)
    expect([down.status, await down.json()]).toEqual([
      503,
      expect.objectContaining({ retryable: true, detail: 'PostgreSQL cannot be reached: gone' }),
    ])
  })

  it('leads to the page of the city, where there is one', async () => {
    const none = await fetch(base, { redirect: 'manual' })
    expect([none.status, await none.json()]).toEqual([404, expect.objectContaining({ code: 'not_found' })])
    const withCity = await startFixture({
      functions: { city: hello },
      auth: { mode: 'keys', operatorToken: 'token-of-nobody-here', basicAuth: { user: 'a', password: 'b' } },
    })
    const home = await fetch(`${withCity.gateway.url}/?from=afar`, { redirect: 'manual' })
    expect([home.status, home.headers.get('location')]).toEqual([302, '/function/city/'])
    await withCity.stop()
  })
})

/** Sends bytes as they are; resolves with the first line of the answer, its headers, and whether it was closed. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(fixture.gateway.port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })

const POST = 'POST /function/hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'

describe('hostile requests', () => {
  it.each([
    ['CL+TE', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ['a folded header', `${POST}X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n`],
    ['a bare line feed', `${POST}X-A: b\nX-C: d\r\n\r\n`],
    ['a NUL in a header', `${POST}X-A: b\0c\r\n\r\n`],
    ['no Host', 'GET /function/hello HTTP/1.1\r\n\r\n'],
  ])('H24 %s: 400 and closed', async (_, text) => {
    expect(await raw(text)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('H25 headers too long or too many: 431', async () => {
    expect(await raw(`${POST}X-A: ${'a'.repeat(17 * 1024)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
    expect(await raw(`${POST}${'a: b\r\n'.repeat(2000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('H26 slow headers: 408 after 10 s', async () => {
    const begun = performance.now()
    expect(await raw('POST /function/hello HTTP/1.1\r\nHost: localhost\r\n')).toMatch(/^HTTP\/1\.1 408 /)
    expect(performance.now() - begun).toBeGreaterThan(9_000)
  })

  it.each([
    '/function/../system/functions',
    '/function/%2e%2e/system/functions',
    '/function/hello%2f..',
    '/function//hello',
    'http://127.0.0.1/function/hello',
  ])('H27 %s: 400', async (target) => {
    expect(await raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400 /,
    )
  })

  it.each(['a;b', 'x'.repeat(300), 'hell%D0%BE', 'hello.other', '.openfaas-fn'])(
    'H28 the name %s: 404',
    async (name) => {
      expect(await raw(`GET /function/${name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 404 /,
      )
    },
  )

  it.each(['TRACE /function/hello', 'CONNECT other:443', 'BREW /function/hello', 'PROPFIND /function/hello'])(
    'H29 %s: 405 with Allow',
    async (start) => {
      const answer = await raw(`${start} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 405 /)
      expect(answer).toMatch(/\r\nallow: POST, PUT/i)
    },
  )
})
