import { describe, expect, it } from '@jest/globals'
import { classify, eventStatus } from './classify.ts'

describe('too much that waits to be appended', () => {
  it('is 503 to clients, and 429 to those who bring events', () => {
    const failure = classify({ name: 'Overloaded', code: 'throttled' })
    expect(failure).toMatchObject({ code: 'throttled', status: 503, scope: 'world', retryAfterMs: 1000 })
    expect(eventStatus(failure)).toBe(429)
  })
})

describe('a SQLSTATE', () => {
  it.each([
    ['23514', undefined, 'configuration'],
    ['23514', 'reading_speed_check', 'unexpected'],
    ['42P01', undefined, 'configuration'],
    ['23503', 'reading_segment_fkey', 'missing_reference'],
    ['55P03', undefined, 'transient'],
    ['22003', undefined, 'permanent'],
  ])('%s with the constraint %s is %s', (code, constraint, expected) => {
    const error = Object.assign(new Error('refused'), constraint === undefined ? { code } : { code, constraint })
    expect(classify(error).code).toBe(expected)
  })
})
