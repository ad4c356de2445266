import { describe, expect, it } from '@jest/globals'
import { type Filter, operatorClient } from './client.ts'

const all: Filter = { consumer: undefined, reason: undefined, letters: 50, state: undefined, sensors: 50 }
const { signal } = new AbortController()

/** A client whose server gives one answer; tells what it was asked. */
const clientOf = (answer: () => Response, token?: string) => {
  const asked: { url: string; method: string; authorization: string | null }[] = []
  const client = operatorClient({
    gatewayUrl: (path) => new URL(path, 'http://city/'),
    cityUrl: (path) => new URL(path, 'http://city/function/city/'),
    fetch: async (url, init) => {
      const { method, headers } = new Request(url as URL, init)
      asked.push({ url: String(url), method, authorization: headers.get('authorization') })
      return answer()
    },
    token,
  })
  return { client, asked }
}
const problem = (status: number, body: object) => () => Response.json(body, { status })

describe('operatorClient', () => {
  it('sends the token as a header alone, and no empty filter', async () => {
    const { client, asked } = clientOf(() => Response.json({}), 'secret-token')
    await client.status(signal)
    await client.deadLetters({ ...all, consumer: 'twins' }, signal)
    await client.sensors({ ...all, state: 'silent' }, signal)
    await client.replay('a/b')
    expect(asked).toEqual([
      { url: 'http://city/system/junction/status', method: 'GET', authorization: 'Bearer secret-token' },
      {
        url: 'http://city/system/junction/dead-letters?consumer=twins&limit=50',
        method: 'GET',
        authorization: 'Bearer secret-token',
      },
      {
        url: 'http://city/function/city/api/operator/sensors?state=silent&limit=50',
        method: 'GET',
        authorization: 'Bearer secret-token',
      },
      {
        url: 'http://city/system/junction/dead-letters/a%2Fb/replay',
        method: 'POST',
        authorization: 'Bearer secret-token',
      },
    ])
  })

  it('sends no authorization without a token', async () => {
    const { client, asked } = clientOf(() => Response.json({}))
    await client.status(signal)
    expect(asked[0]?.authorization).toBeNull()
  })

  it.each([
    ['a value', () => Response.json({ pid: 1 }), { kind: 'here', value: { pid: 1 } }],
    ['no body', () => new Response(null, { status: 202 }), { kind: 'here', value: undefined }],
    ['some page', () => new Response('<h1>Hello</h1>'), { kind: 'absent' }],
    ['not found', () => new Response('404 page not found', { status: 404 }), { kind: 'absent' }],
    [
      "Junction's refusal",
      problem(401, { code: 'auth', detail: 'this is not the token' }),
      { kind: 'locked', why: 'this is not the token', own: true },
    ],
    ['a bare refusal', () => new Response('', { status: 401 }), { kind: 'locked', why: 'HTTP 401', own: false }],
    [
      'a lockout',
      problem(429, { code: 'locked_out', detail: 'wait', retryAfterSeconds: 42 }),
      { kind: 'failed', why: 'Locked out for 42 s' },
    ],
    ['a lockout without an end', problem(429, { code: 'locked_out', detail: 'wait' }), { kind: 'failed', why: 'wait' }],
    ['too much', problem(429, { code: 'overloaded', title: 'Busy' }), { kind: 'failed', why: 'Busy' }],
    ['a fault', problem(503, { detail: 'PostgreSQL is down' }), { kind: 'failed', why: 'PostgreSQL is down' }],
  ])('reads %s', async (_, answer, expected) => {
    expect(await clientOf(answer).client.status(signal)).toEqual(expected)
  })

  it('takes a lost connection for a fault', async () => {
    const lost = () => {
      throw new TypeError('fetch failed')
    }
    expect(await clientOf(lost).client.resume('twins')).toEqual({ kind: 'failed', why: 'The city cannot be reached' })
  })
})
