import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type Fixture, functionSource, startFixture } from './fixture.ts'

const echo = functionSource(`(request, response) => {
  request.resume()
  response.end(JSON.stringify({ authorization: request.headers.authorization ?? null }))
}`)
const TOKEN = 'operator-token-of-this-test'

/** Node's fetch sets Host and Origin itself. */
const ask = (fixture: Fixture, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const call = request({ port: fixture.gateway.port, path, headers, method, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    call.on('error', reject)
    call.end()
  })

const basic = (password: string, user = 'whoever') => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const AUTH = { mode: 'keys', operatorToken: TOKEN, basicAuth: { user: 'admin', password: 'a:password' } } as const

describe('AUTH_MODE=keys', () => {
  let fixture: Fixture
  // One for each test: the lockout remembers.
  beforeEach(async () => {
    fixture = await startFixture({ functions: { echo }, auth: AUTH })
  })
  afterEach(() => fixture.stop())

  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, basic(TOKEN), basic('a:password', 'admin')])(
    'lets the operator in by %s',
    async (authorization) => {
      expect((await ask(fixture, '/system/functions', { authorization })).status).toBe(200)
      expect((await ask(fixture, '/metrics', { authorization })).status).toBe(200)
    },
  )

  it.each([
    ['nothing', undefined],
    ['a wrong token', `Bearer ${TOKEN}x`],
    ['part of the token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['an empty token', 'Bearer '],
    ['a wrong password', basic('x')],
    ['an empty password', basic('')],
    ["the password of another's name", basic('a:password')],
    ['a name without its password', basic('', 'admin')],
    ['the password as a token', 'Bearer a:password'],
    ['the token alone', TOKEN],
    ['another scheme', `Digest ${TOKEN}`],
  ])('refuses %s with problem+json that says how', async (_, authorization) => {
    const answer = await ask(fixture, '/system/functions', authorization === undefined ? {} : { authorization })
    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.headers['www-authenticate']).toBe('Basic realm="Restricted", Bearer realm="junction"')
    expect(JSON.parse(answer.body)).toMatchObject({ status: 401, code: 'auth' })
    expect(answer.body).not.toContain(TOKEN.slice(0, 12))
  })

  it('takes no token from the query', async () => {
    const query = `?token=${TOKEN}&access_token=${TOKEN}&authorization=Bearer%20${TOKEN}`
    expect((await ask(fixture, `/system/functions${query}`)).status).toBe(401)
  })

  it('asks no script of a page for a password', async () => {
    const answer = await ask(fixture, '/system/functions', { 'sec-fetch-dest': 'empty' })
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="junction"'])
  })

  it('takes the empty token of a faas-cli without login for none: 401, however often', async () => {
    for (let i = 0; i < 7; i++)
      expect((await ask(fixture, '/system/info', { authorization: 'Bearer ' })).status).toBe(401)
    expect(fixture.lockouts).toEqual([])
  })

  it('leaves calls for later open, and what is about them closed', async () => {
    expect((await ask(fixture, '/async-function/echo', {}, 'POST')).status).toBe(404)
    for (const method of ['GET', 'DELETE'])
      expect((await ask(fixture, '/async-function/some-id', {}, method)).status).toBe(401)
  })

  it('locks a client out after five wrong tokens and tells of it once; the right one is let in, and it may ask without', async () => {
    for (let i = 0; i < 5; i++)
      expect((await ask(fixture, '/system/info', { authorization: `Bearer wrong-${i}` })).status).toBe(401)
    expect(fixture.lockouts).toEqual([expect.stringMatching(/127\.0\.0\.1$|^::1$/)])
    const locked = await ask(fixture, '/system/info', { authorization: 'Bearer wrong-5' })
    expect(locked.status).toBe(429)
    expect(fixture.lockouts).toHaveLength(1)
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0)
    for (const authorization of [`Bearer ${TOKEN}`, basic(TOKEN)])
      expect((await ask(fixture, '/system/info', { authorization })).status).toBe(200)
    expect((await ask(fixture, '/system/info')).status).toBe(401)
    expect((await ask(fixture, '/healthz')).status).toBe(200)
    expect((await ask(fixture, '/function/echo', { authorization: 'Bearer anything' })).status).toBe(200)
  })

  it("leaves a function's callers to the function, and gives it their token", async () => {
    const headers = { authorization: 'Bearer dk_0_1', host: 'city.example' }
    const answer = await ask(fixture, '/function/echo', headers)
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { authorization: 'Bearer dk_0_1' }])
  })

  it('lets no page of another origin use the password its browser remembers', async () => {
    const headers = { authorization: basic(TOKEN), 'sec-fetch-site': 'cross-site' }
    expect((await ask(fixture, '/system/junction/resume/echo', headers, 'POST')).status).toBe(403)
  })
})

describe('AUTH_MODE=dev', () => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await startFixture({ functions: { echo } })
  })
  afterAll(() => fixture.stop())

  it.each(['/function/echo', '/system/functions', '/metrics', '/healthz', '/nothing'])(
    'is not to be reached at %s by another name (DNS rebinding)',
    async (path) => {
      const answer = await ask(fixture, path, { host: 'evil.example:8080' })
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([421, 'host'])
    },
  )

  it('changes nothing for a page of another origin', async () => {
    const evil = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }
    for (const path of ['/function/echo', '/system/scale-function/echo']) {
      const answer = await ask(fixture, path, evil, 'POST')
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'origin'])
    }
    expect((await ask(fixture, '/function/echo', {}, 'POST')).status).toBe(200)
  })
})
