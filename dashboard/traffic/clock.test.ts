import { describe, expect, it } from '@jest/globals'
import { clockOf, nextWindow, span } from './clock.ts'

const at = Date.parse('2012-03-01T15:17:20Z')

describe('the clock of the city', () => {
  const clock = clockOf('America/Los_Angeles')

  it('shows the time there', () => {
    expect(clock.time(at)).toBe('07:17')
    expect(clock.time(Date.parse('2012-03-01T08:00:00Z'))).toBe('00:00')
  })

  it('names the day only where it is not today, by the days of the city', () => {
    expect(clock.day(at, Date.parse('2026-11-21T06:00:00Z'))).toBe('Thu 1 Mar 2012')
    expect(clock.day(at, Date.parse('2012-03-02T07:59:00Z'))).toBeUndefined()
    expect(clock.day(at, Date.parse('2012-03-02T08:01:00Z'))).toBe('Thu 1 Mar 2012')
  })

  it("names its zone only where the viewer's clock shows another time", () => {
    const viewer = Intl.DateTimeFormat().resolvedOptions().timeZone
    expect(clockOf(viewer).zone(at)).toBeUndefined()
    expect(clockOf(null).zone(at)).toBeUndefined()
    expect(clockOf('Asia/Kathmandu').zone(at)).toMatch(/\S/)
  })
})

it('a window ends after every moment in it, also after its first', () => {
  const window = 5 * 60_000
  expect(new Date(nextWindow(at, window)).toISOString()).toBe('2012-03-01T15:20:00.000Z')
  expect(nextWindow(nextWindow(at, window), window)).toBe(Date.parse('2012-03-01T15:25:00Z'))
})

it.each([
  [-5, '0 s'],
  [59_000, '59 s'],
  [59_600, '1 min'],
  [119 * 60_000, '119 min'],
  [3 * 3_600_000, '3 h'],
  [50 * 3_600_000, '2 days'],
])('%d ms are %s', (ms, said) => {
  expect(span(ms)).toBe(said)
})
