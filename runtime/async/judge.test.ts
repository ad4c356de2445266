import { describe, expect, it } from '@jest/globals'
import type { InvocationResult } from '../gateway/invoke.ts'
import { judge } from './judge.ts'
import { DEFAULT_RETRY } from './retry.ts'

const tried = { attempts: 0, policy: DEFAULT_RETRY, forsaken: false, random: 0, now: 0 }
const answer = (status: number, headers: Record<string, string> = {}): InvocationResult => ({
  ...{ status, headers, body: Buffer.from('no room'), via: 'function' },
})
const platform = (status: number, code: string): InvocationResult => ({ ...answer(status), via: 'platform', code })

describe('the result of a call', () => {
  it.each([
    [200, 'done'],
    [204, 'done'],
    [302, 'done'],
    [400, 'failed'],
    [401, 'failed'],
    [404, 'failed'],
    [422, 'failed'],
    [501, 'failed'],
  ])('is %d: %s, without a dead letter', (status, state) => {
    expect(judge(answer(status), tried)).toMatchObject({ state, httpStatus: status, letter: undefined })
  })

  it.each([408, 429, 500, 502, 503, 504])('is not %d before the last attempt', (status) => {
    expect(judge(answer(status), tried)).toMatchObject({ state: 'queued', httpStatus: status, waitMs: 10_000 })
    expect(judge(answer(status), { ...tried, attempts: 8 })).toMatchObject({ state: 'queued' })
    expect(judge(answer(status), { ...tried, attempts: 9 })).toMatchObject({
      state: 'failed',
      httpStatus: status,
      letter: { errorClass: `HTTP ${status}`, error: expect.stringContaining('no room') },
    })
  })

  it('goes by the codes of the annotation, but for what the platform says', () => {
    const only429 = { ...tried, policy: { ...DEFAULT_RETRY, codes: [429] } }
    expect(judge(answer(500), only429)).toMatchObject({ state: 'failed', letter: undefined })
    expect(judge(answer(500, { 'x-openfaas-internal': 'of-watchdog' }), only429)).toMatchObject({ state: 'queued' })
    expect(judge(platform(502, 'crashed'), only429)).toMatchObject({ state: 'queued', httpStatus: 502 })
    expect(judge(answer(200, { 'x-openfaas-internal': 'proxy' }), only429)).toMatchObject({ state: 'done' })
  })

  it('is none where the function is not deployed, until nobody has it', () => {
    const gone = platform(404, 'not_found')
    expect(judge(gone, { ...tried, attempts: 99 })).toMatchObject({ state: 'queued', httpStatus: undefined })
    expect(judge(gone, { ...tried, forsaken: true })).toMatchObject({
      ...{ state: 'failed', httpStatus: 503, letter: { errorClass: 'not_found' } },
    })
  })

  it('is 503 for a function that cannot be reached', () => {
    for (const unreached of [platform(504, 'no_replica'), platform(502, 'no_replica')])
      expect(judge(unreached, { ...tried, attempts: 9 })).toMatchObject({ state: 'failed', httpStatus: 503 })
    expect(judge(platform(504, 'deadline'), { ...tried, attempts: 9 })).toMatchObject({ httpStatus: 504 })
  })
})

describe('a function with too much to do', () => {
  it('is left alone for a while, as long as it asks', () => {
    expect(judge(answer(429), tried)).toMatchObject({ pauseMs: 1_000, waitMs: 10_000 })
    expect(judge(answer(429, { 'retry-after': '30' }), tried)).toMatchObject({ pauseMs: 30_000, waitMs: 30_000 })
    expect(judge(answer(503, { 'retry-after': '2' }), tried)).toMatchObject({ pauseMs: 2_000, waitMs: 10_000 })
    expect(judge(answer(503), tried).pauseMs).toBeUndefined()
    expect(judge(answer(500), tried).pauseMs).toBeUndefined()
  })

  it('whose queue is full has not been called at all', () => {
    for (const attempts of [0, 99])
      expect(judge(platform(429, 'throttled'), { ...tried, attempts })).toMatchObject({
        state: 'queued',
        httpStatus: undefined,
        pauseMs: 1_000,
      })
  })
})
