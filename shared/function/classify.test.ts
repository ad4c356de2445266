import { describe, expect, it } from '@jest/globals'
import { classify } from './classify.ts'
import { DeadlineError, PermanentError, RetryableError, ThrottledError } from './errors.ts'

const sqlState = (code: string) => Object.assign(new Error('from PostgreSQL'), { code })

describe('what a thrown error means', () => {
  it.each([
    ['PermanentError', new PermanentError('no'), ['permanent', 422, false, 'event']],
    [
      'a PermanentError of its own word',
      new PermanentError('no', { code: 'closed', status: 409 }),
      ['closed', 409, false, 'event'],
    ],
    ['RetryableError', new RetryableError('later'), ['transient', 500, true, 'event']],
    ['RetryableError of the world', new RetryableError('later', { scope: 'world' }), ['transient', 500, true, 'world']],
    ['ThrottledError', new ThrottledError('slower'), ['throttled', 429, true, 'world']],
    ['the deadline', new DeadlineError('late'), ['deadline', 504, true, 'event']],
    ['a parent that may be late', sqlState('23503'), ['missing_reference', 500, true, 'event']],
    ['a deadlock', sqlState('40P01'), ['transient', 500, true, 'event']],
    ['a serialization failure', sqlState('40001'), ['transient', 500, true, 'event']],
    ['a value PostgreSQL refuses', sqlState('22P05'), ['permanent', 422, false, 'event']],
    ['a statement too complex', sqlState('54001'), ['permanent', 422, false, 'event']],
    ['a lost connection', sqlState('08006'), ['transient', 500, true, 'world']],
    ['too many connections', sqlState('53300'), ['transient', 500, true, 'world']],
    ['a full disk', sqlState('53100'), ['transient', 500, true, 'world']],
    ['an administrator’s shutdown', sqlState('57P01'), ['transient', 500, true, 'world']],
    ['a lock not to be had', sqlState('55P03'), ['transient', 500, true, 'world']],
    ['a missing table', sqlState('42P01'), ['configuration', 500, true, 'event']],
    ['a missing right', sqlState('42501'), ['configuration', 500, true, 'event']],
    ['a wrong password', sqlState('28P01'), ['configuration', 500, true, 'event']],
    ['a moved position', sqlState('JN001'), ['moved', 200, true, 'event']],
    ['an error nobody foresaw', new TypeError('x is undefined'), ['unexpected', 500, true, 'event']],
    ['a thrown string', 'oops', ['unexpected', 500, true, 'event']],
    ['nothing', undefined, ['unexpected', 500, true, 'event']],
  ])('%s', (_name, error, expected) => {
    const { code, status, retryable, scope } = classify(error)
    expect([code, status, retryable, scope]).toEqual(expected)
  })

  it('is found by name, for errors may come from another realm', () => {
    expect(classify({ name: 'RetryableError', scope: 'world', retryAfterMs: 5, message: '' })).toMatchObject({
      scope: 'world',
      retryAfterMs: 5,
    })
  })
})
