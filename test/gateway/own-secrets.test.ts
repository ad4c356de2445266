import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openWorld, type World } from '../async/harness.ts'
import { CONNECTOR_KEY, functionSource } from './fixture.ts'

const OPERATOR = 'token-of-the-operator'
const auth = { mode: 'keys', operatorToken: OPERATOR, basicAuth: { user: 'admin', password: OPERATOR } } as const
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

/** Answers with the Authorization that it was given. */
const built = functionSource('(request, response) => response.end(String(request.headers.authorization))')

let foreign: World
let own: World
beforeAll(async () => {
  // Nothing is made of what is left for later: it can be looked at.
  const shared = { auth, capacity: () => 0, callbackHosts: ['hooks.example'] }
  foreign = await openWorld({
    ...shared,
    functions: { program: '' },
    definition: { program: { kind: 'process', command: 'env' } },
  })
  own = await openWorld({ ...shared, functions: { built } })
})
afterAll(async () => {
  await foreign.stop()
  await own.stop()
})

const given = async (world: World, path: string, authorization: string) =>
  (await world.post(path, { headers: { authorization } })).text()
const kept = async (world: World, path: string, headers: Record<string, string>) => {
  const response = await world.post(path, { headers })
  expect(response.status).toBe(202)
  const { rows } = await world.test.database.query<{ headers: string }>(
    'select headers from async_call where call_id = $1',
    [response.headers.get('x-call-id')],
  )
  return rows[0]?.headers as string
}

describe("Junction's own secrets", () => {
  const SECRETS = [`Bearer ${OPERATOR}`, `Bearer ${CONNECTOR_KEY}`, basic(`whoever:${OPERATOR}`)]

  it.each(SECRETS)('do not reach a program that is none of Junction: %s', async (authorization) => {
    expect(await given(foreign, '/function/program', authorization)).not.toContain('Http_Authorization')
    expect(await kept(foreign, '/async-function/program', { authorization })).not.toMatch(/authorization/i)
  })

  it('do not reach it from within the runtime either', async () => {
    const headers = { authorization: `Bearer ${OPERATOR}` }
    const { body } = await foreign.fixture.gateway.invoke('program', { headers, body: Buffer.alloc(0) })
    expect(body.toString()).toContain('Http_Method=POST')
    expect(body.toString()).not.toContain('Http_Authorization')
  })

  it.each(SECRETS)('reach a built function: %s', async (authorization) => {
    expect(await given(own, '/function/built', authorization)).toBe(authorization)
    expect(await kept(own, '/async-function/built', { authorization })).toContain(authorization)
  })

  it('are kept for later only where they are for the function, and not for a host to be called back', async () => {
    const headers = { authorization: `Bearer ${OPERATOR}` }
    const to = (url: string) => kept(own, '/async-function/built', { ...headers, 'x-callback-url': url })
    expect(await to('http://elsewhere.example/')).not.toMatch(/authorization/i)
    expect(await to('http://hooks.example/')).toContain(OPERATOR)
    expect(await to(`${own.fixture.gateway.url}/function/built`)).toContain(OPERATOR)
  })
})

describe('an Authorization of its own', () => {
  it.each(['Bearer of-its-own', basic('admin:of-its-own')])('reaches a program: %s', async (authorization) => {
    expect(await given(foreign, '/function/program', authorization)).toContain(`Http_Authorization=${authorization}\n`)
    expect(await kept(foreign, '/async-function/program', { authorization })).toContain(authorization)
  })
})
