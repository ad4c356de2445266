import { describe, expect, it } from '@jest/globals'
import { postgresUrl, rowLength } from './arguments.ts'

describe('the URL of a database on the command line', () => {
  it.each(['postgres://a:geheim@h/b', 'postgres://a@h/b?password=geheim', 'postgres://a@h/b?sslpassword=geheim'])(
    'is refused with a password, which is not told: %s',
    (url) => {
      expect(() => postgresUrl(url)).toThrow('it holds no password')
      expect(() => postgresUrl(url)).not.toThrow('geheim')
    },
  )

  it('is taken without', () => {
    expect(postgresUrl('postgres://a@h/b?sslmode=verify-full')).toBe('postgres://a@h/b?sslmode=verify-full')
  })
})

describe('the length of a row on the command line', () => {
  it.each([
    ['5m', 300_000],
    ['PT10M', 600_000],
    ['1h', 3_600_000],
    ['PT1H', 3_600_000],
  ])('is told by a duration: %s', (text, ms) => {
    expect(rowLength(text)).toBe(ms)
  })

  it.each(['0', '7m', '2h', 'PT90S', 'P1D', '10', 'P1M', ''])(
    'is a multiple of 5 minutes up to an hour, not %s',
    (text) => {
      expect(() => rowLength(text)).toThrow('a multiple of them up to an hour')
    },
  )
})
