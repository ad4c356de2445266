import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Fixture, functionSource, startFixture } from './fixture.ts'
import { difference } from './scenario/match.ts'
import { play } from './scenario/play.ts'
import { scenario, signIn } from './scenario/scenario.ts'

const hello = functionSource(`(request, response) => { request.resume(); response.end('hello') }`)
const PASSWORD = 'password-of-this-test'
const BASIC = `Basic ${btoa(`admin:${PASSWORD}`)}`

describe.each(['off', 'on'])('what faas-cli asks, with authentication %s', (auth) => {
  let fixture: Fixture
  beforeAll(async () => {
    const basicAuth = { user: 'admin', password: PASSWORD }
    fixture = await startFixture({
      functions: { ingest: hello },
      ...(auth === 'on' && { auth: { mode: 'keys', operatorToken: 'token-of-this-test', basicAuth } }),
    })
  })
  afterAll(async () => {
    await fixture.stop()
    expect(fixture.errors).toEqual([])
  })

  it('is answered as it expects, in the default namespace and in another', async () => {
    const { url } = fixture.gateway
    if (auth === 'on') await play(signIn(BASIC), { url, authorization: '' })
    const played = await play(scenario(), { url, authorization: auth === 'on' ? BASIC : 'Bearer ' })
    expect(played).toBeGreaterThan(100)
  })
})

describe('the comparison', () => {
  it.each([
    [{ a: 1 }, { a: 1, b: 2 }, 'the answer has no b'],
    [{ a: 1, b: 2 }, { a: 1 }, 'the answer has b = 2, which is too much'],
    [{ a: { b: 'x' } }, { a: { b: /y/ } }, 'the answer.a.b is "x", not like /y/'],
    [[1], [1, 2], 'the answer has no 1'],
    [[], {}, 'the answer is [], not {}'],
    [undefined, /./, 'the answer is missing, not like /./'],
    ['', 'x', 'the answer is "", not "x"'],
  ])('tells %j from %j', (actual, expected, told) => expect(difference(actual, expected)).toBe(told))
  it('takes what fits', () => {
    expect(difference({ a: [1, 'x'], b: 0.5 }, { a: [1, /x/], b: /./ })).toBeUndefined()
  })
})
