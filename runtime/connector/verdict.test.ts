import { describe, expect, it } from '@jest/globals'
import type { InvokeAnswer } from './types.ts'
import { judgeSingle, judgeSlice } from './verdict.ts'

const answer = (status: number, body: unknown = '', more: Partial<InvokeAnswer> = {}): InvokeAnswer => ({
  status,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  via: 'function',
  ...more,
})
const sent = { first: 10n, next: 20n }

describe('the answer to a slice', () => {
  it.each([
    [{ next: '20' }, { kind: 'done', next: 20n }],
    [{ next: '13' }, { kind: 'done', next: 13n }],
    [{ next: '4711', moved: true }, { kind: 'moved' }],
    [
      { next: '12', failed: { reason: 'transient', retryable: true, retryAfterMs: 2000 } },
      { kind: 'event', next: 12n, code: 'transient', final: false, retryAfterMs: 2000 },
    ],
    [
      { next: '10', failed: { reason: 'transient', retryable: true, scope: 'world' } },
      { kind: 'world', next: 10n, code: 'transient' },
    ],
    [
      { next: '11', failed: { reason: 'configuration' } },
      { kind: 'stop', next: 11n, code: 'configuration' },
    ],
    [
      { next: '20', failed: { reason: 'transient' } },
      { kind: 'whole', code: 'unexpected' },
    ],
    [{ next: '10' }, { kind: 'whole', code: 'unexpected' }],
    [{ next: '9' }, { kind: 'whole', code: 'unexpected' }],
    [{ next: '21' }, { kind: 'whole', code: 'unexpected' }],
    [{ next: '1e1' }, { kind: 'whole', code: 'unexpected' }],
    [[], { kind: 'whole', code: 'unexpected' }],
    ['', { kind: 'whole', code: 'unexpected' }],
  ])('200 %j is %j', (body, verdict) => {
    expect(judgeSlice(answer(200, body), sent)).toMatchObject(verdict)
  })

  it('with any other 2xx is not done', () => {
    expect(judgeSlice(answer(204), sent)).toMatchObject({ kind: 'whole', code: 'unexpected' })
  })
})

describe('a failed call', () => {
  const platform = { via: 'platform' as const }
  it.each<[string, InvokeAnswer, object]>([
    ['the gateway has no ready replica', answer(502, '', platform), { kind: 'world', code: 'unavailable' }],
    ['the gateway waited in vain', answer(504, '', platform), { kind: 'world' }],
    [
      'the replica crashed under the call',
      answer(502, { code: 'crashed' }, platform),
      { kind: 'whole', code: 'crashed' },
    ],
    ['the gateway ended the call', answer(504, { code: 'deadline' }, platform), { kind: 'whole', code: 'deadline' }],
    ['not deployed', answer(404, '', platform), { kind: 'missing' }],
    ['throttled', answer(429, '', { headers: { 'retry-after': '7' } }), { kind: 'world', retryAfterMs: 7000 }],
    ['its database is down', answer(500, { code: 'transient', scope: 'world' }), { kind: 'world', code: 'transient' }],
    ['a transient cause', answer(500, { code: 'transient' }), { kind: 'whole', code: 'transient', final: false }],
    ['the parent is late', answer(500, { code: 'missing_reference' }), { kind: 'whole', code: 'missing_reference' }],
    ['an unknown throw', answer(500, 'oops'), { kind: 'whole', code: 'unexpected' }],
    ['its deadline', answer(504, { code: 'deadline' }), { kind: 'whole', code: 'deadline' }],
    ['no table', answer(500, { code: 'configuration' }), { kind: 'stop', code: 'configuration' }],
    ['no credentials', answer(401, { code: 'auth' }), { kind: 'stop', code: 'auth' }],
    ['not allowed', answer(403), { kind: 'stop', code: 'auth' }],
    ['a redirect', answer(307), { kind: 'stop', code: 'redirect' }],
    ['too large', answer(413), { kind: 'whole', code: 'oversize', final: true }],
    ['a wrong media type', answer(415), { kind: 'whole', code: 'decode', final: true }],
    ['its own word', answer(422, { code: 'no_such_road' }), { kind: 'whole', code: 'no_such_road', final: true }],
  ])('%s', (_, outcome, verdict) => {
    expect(judgeSlice(outcome, sent)).toMatchObject(verdict)
    expect(judgeSingle(outcome, sent)).toMatchObject(verdict)
  })

  it.each<[string, unknown, 'lost' | 'deadline' | 'stopping', object]>([
    ['a refused connection', { code: 'ECONNREFUSED' }, 'lost', { kind: 'world' }],
    ['no replica in the time of the call', { code: 'NO_REPLICA' }, 'deadline', { kind: 'world' }],
    ['a socket that is not there', { code: 'ENOENT' }, 'lost', { kind: 'world' }],
    ['a reset', { code: 'ECONNRESET', message: 'reset' }, 'lost', { kind: 'whole', code: 'crashed' }],
    ['no answer in time', new Error('late'), 'deadline', { kind: 'whole', code: 'deadline' }],
    ['the end of the connector', new Error('stop'), 'stopping', { kind: 'world' }],
    ['something odd', 'a string', 'lost', { kind: 'whole', code: 'crashed' }],
  ])('%s', (_, failed, why, verdict) => {
    expect(judgeSlice({ failed, why }, sent)).toMatchObject(verdict)
  })
})

it('any 2xx finishes a call without a position', () => {
  expect(judgeSingle(answer(204), sent)).toEqual({ kind: 'done', next: 20n })
})
