import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatInstant, isCanonicalInstant, parseInstant } from './instant.ts'

describe('parseInstant', () => {
  it.each([
    ['2012-03-01T00:00:00-08:00', '2012-03-01T08:00:00.000Z'],
    ['2012-03-01T08:00:00Z', '2012-03-01T08:00:00.000Z'],
    ['2012-03-01T08:00:00.000Z', '2012-03-01T08:00:00.000Z'],
    ['2012-03-01t08:00:00.5z', '2012-03-01T08:00:00.500Z'],
    ['2012-03-01T08:00:00.123456789Z', '2012-03-01T08:00:00.123Z'],
    ['2024-02-29T23:59:59+05:45', '2024-02-29T18:14:59.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(formatInstant(parseInstant(text) as number)).toBe(expected)
  })

  it.each([
    ['no zone', '2012-03-01T08:00:00'],
    ['30 February', '2026-02-30T00:00:00Z'],
    ['30 February, canonical', '2026-02-30T00:00:00.000Z'],
    ['29 February of no leap year', '2100-02-29T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['hour 24', '2026-01-01T24:00:00Z'],
    ['hour 24, canonical', '2026-01-01T24:00:00.000Z'],
    ['second 60', '2026-01-01T00:00:60Z'],
    ['offset 24:00', '2026-01-01T00:00:00+24:00'],
    ['year 294277', '294277-01-01T00:00:00Z'],
    ['a signed year', '+010000-01-01T00:00:00.000Z'],
    ['a date alone', '2026-01-01'],
    ['epoch seconds', '1330588800'],
    ['a space for T', '2026-01-01 00:00:00Z'],
    ['a trailing line', '2026-01-01T00:00:00Z\n'],
  ])('refuses %s', (_name, text) => {
    expect(parseInstant(text)).toBeUndefined()
  })

  it('knows its own form', () => {
    expect(isCanonicalInstant('2012-03-01T08:00:00.000Z')).toBe(true)
    for (const text of ['2012-03-01T08:00:00Z', '2012-03-01T08:00:00.000+00:00', '2026-02-30T00:00:00.000Z'])
      expect(isCanonicalInstant(text)).toBe(false)
  })

  it('reads back what it writes', () => {
    const ms = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2999, 0) })
    fc.assert(
      fc.property(ms, (instant) => {
        expect(parseInstant(formatInstant(instant))).toBe(instant)
        expect(parseInstant(formatInstant(instant).replace('Z', '+00:00'))).toBe(instant)
      }),
    )
  })
})
