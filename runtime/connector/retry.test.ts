import { describe, expect, it } from '@jest/globals'
import { attemptLimit, backoffMs, finalReason } from './retry.ts'

describe('the backoff', () => {
  it('has full jitter below 200 ms × 2^n', () => {
    expect(backoffMs(0, 0)).toBe(0)
    expect(backoffMs(0, 0.5)).toBe(100)
    expect(backoffMs(3, 0.5)).toBe(800)
  })

  it('never exceeds 60 s', () => {
    expect(backoffMs(50, 1)).toBe(60_000)
    expect(backoffMs(5000, 1)).toBe(60_000)
  })

  it('honours Retry-After up to 60 s', () => {
    expect(backoffMs(0, 0.5, 7000)).toBe(7000)
    expect(backoffMs(0, 0.5, 3_600_000)).toBe(60_000)
  })
})

it('gives attempts by code', () => {
  const limits = ['transient', 'missing_reference', 'unexpected', 'deadline', 'crashed', 'oversize', 'anything else']
  expect(limits.map((code) => attemptLimit(code, false))).toEqual([10, 3, 3, 3, 3, 1, 3])
  expect(attemptLimit('anything else', true)).toBe(1)
  expect(attemptLimit('constructor', false)).toBe(3)
})

it('names the reason of a final failure', () => {
  expect(['decode', 'invalid', 'oversize', 'permanent', 'no_such_road'].map(finalReason)).toEqual([
    'decode',
    'validation',
    'oversize',
    'rejected_by_function',
    'rejected_by_function',
  ])
})
