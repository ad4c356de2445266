import { describe, expect, it } from '@jest/globals'
import { openCalendar } from './calendar.ts'

const STEP = 5 * 60_000
const at = (timeZone: string, instant: string) => openCalendar(timeZone, STEP).at(Date.parse(instant))

describe('openCalendar', () => {
  it('names a slot by the wall clock', () => {
    expect(openCalendar('America/Los_Angeles', STEP).slots).toBe(288)
    // 2012-03-01 was a Thursday, day 15,400.
    expect(at('America/Los_Angeles', '2012-03-01T08:00:00Z')).toEqual({
      slot: 0,
      day: 15_400,
      weekend: false,
      dayShare: 0,
    })
    expect(at('America/Los_Angeles', '2012-03-01T07:59:59Z')).toMatchObject({ slot: 287, day: 15_399 })
    expect(at('Asia/Kathmandu', '2026-03-01T06:15:00Z')).toMatchObject({ slot: 144, dayShare: 0.5, weekend: true })
  })

  it('tells weekends from weekdays', () => {
    const days = ['02', '03', '04', '05', '06', '07', '08'].map((day) => at('UTC', `2026-03-${day}T12:00:00Z`).weekend)
    expect(days).toEqual([false, false, false, false, false, true, true])
  })

  it('skips the hour that a day in spring has not', () => {
    expect(at('Europe/Vienna', '2026-03-29T00:55:00Z')).toMatchObject({ slot: 23, day: 20_541 })
    expect(at('Europe/Vienna', '2026-03-29T01:00:00Z')).toMatchObject({ slot: 36, day: 20_541 })
    expect(at('Europe/Vienna', '2026-03-29T21:55:00Z')).toMatchObject({ slot: 287, day: 20_541 })
    expect(at('Europe/Vienna', '2026-03-29T22:00:00Z')).toMatchObject({ slot: 0, day: 20_542 })
  })

  it('passes the hour twice that a day in autumn has twice', () => {
    expect(at('Europe/Vienna', '2026-10-25T00:30:00Z')).toMatchObject({ slot: 30, day: 20_751 })
    expect(at('Europe/Vienna', '2026-10-25T01:30:00Z')).toMatchObject({ slot: 30, day: 20_751 })
    expect(at('Europe/Vienna', '2026-10-25T02:30:00Z')).toMatchObject({ slot: 42, day: 20_751 })
  })

  it('has a last, shorter slot where the step does not divide the day', () => {
    const calendar = openCalendar('UTC', 7 * 60_000)
    expect(calendar.slots).toBe(206)
    expect(calendar.at(Date.parse('2026-03-02T23:59:00Z')).slot).toBe(205)
  })
})
