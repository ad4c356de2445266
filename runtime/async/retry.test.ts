import { describe, expect, it } from '@jest/globals'
import { DEFAULT_RETRY, readRetryAfter, retryPolicyOf, retryWaitMs } from './retry.ts'

const of = (name: string, value: string) => () => retryPolicyOf({ [`com.openfaas.retry.${name}`]: value })

describe('the annotations of retries', () => {
  it('are not needed', () => {
    expect(retryPolicyOf({ topic: 'x' })).toEqual({
      attempts: 10,
      codes: [408, 429, 500, 502, 503, 504],
      minWaitMs: 10_000,
      maxWaitMs: 120_000,
    })
  })

  it('are read', () => {
    expect(
      retryPolicyOf({
        'com.openfaas.retry.attempts': '3',
        'com.openfaas.retry.codes': '500, 429',
        'com.openfaas.retry.min_wait': '500ms',
        'com.openfaas.retry.max_wait': '1m30s',
      }),
    ).toEqual({ attempts: 3, codes: [500, 429], minWaitMs: 500, maxWaitMs: 90_000 })
  })

  it('of no retry make the call once', () => expect(of('attempts', '0')().attempts).toBe(1))

  it('of one wait alone move the other along', () => {
    expect(of('min_wait', '5m')()).toMatchObject({ minWaitMs: 300_000, maxWaitMs: 300_000 })
    expect(of('max_wait', '5s')()).toMatchObject({ minWaitMs: 5_000, maxWaitMs: 5_000 })
  })

  it('of waits that exclude each other are refused', () => {
    const both = { 'com.openfaas.retry.min_wait': '10s', 'com.openfaas.retry.max_wait': '5s' }
    expect(() => retryPolicyOf(both)).toThrow('com.openfaas.retry.max_wait must not be shorter')
  })

  it.each([
    ['attempts', 'many'],
    ['attempts', '-1'],
    ['attempts', '1001'],
    ['attempts', ''],
    ['codes', '5xx'],
    ['codes', '200'],
    ['codes', '500;502'],
    ['codes', ''],
    ['min_wait', '10'],
    ['max_wait', '25h'],
  ])('that are no such thing are refused by name: %s %j', (name, value) => {
    expect(of(name, value)).toThrow(`com.openfaas.retry.${name}`)
  })
})

describe('the wait before the next attempt', () => {
  const wait = (attempts: number, random: number) => retryWaitMs(DEFAULT_RETRY, attempts, random)

  it('is at random between min_wait and twice as long for each attempt, up to max_wait', () => {
    expect([wait(1, 0), wait(2, 0), wait(9, 0)]).toEqual([10_000, 10_000, 10_000])
    expect([1, 2, 3, 4, 5, 1000].map((attempts) => wait(attempts, 1))).toEqual([
      20_000, 40_000, 80_000, 120_000, 120_000, 120_000,
    ])
    expect(wait(1, 0.5)).toBe(15_000)
  })

  it('may be none', () => expect(retryWaitMs({ ...DEFAULT_RETRY, minWaitMs: 0 }, 4, 1)).toBe(0))

  it('is what the function asks for, min_wait at least and an hour at most', () => {
    const asked = (ms: number) => retryWaitMs(DEFAULT_RETRY, 1, 0.5, ms)
    expect([asked(0), asked(30_000), asked(200_000), asked(9e9)]).toEqual([10_000, 30_000, 200_000, 3_600_000])
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-03-02T08:00:00Z')
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Mon, 02 Mar 2026 08:00:30 GMT', 30_000],
    ['Mon, 02 Mar 2026 07:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-03-02', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (header, ms) => expect(readRetryAfter(header, now)).toBe(ms))
})
