import { describe, expect, it } from '@jest/globals'
import { missingHours, postHistory } from './history.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const NOW = Date.parse('2026-03-10T08:30:00Z')
const TWO_DAYS_AGO = Math.floor(NOW / DAY) * DAY - 2 * DAY
const all = missingHours(new Set(), NOW)
const windowsOf = (hours: number[][]) => hours.flat().sort((a, b) => a - b)

describe('missingHours', () => {
  it('reaches eight whole days back, newest hour first, each window once', () => {
    expect(all[0]?.[0]).toBe(NOW - 60 * MINUTE)
    expect(all[1]?.at(-1)).toBe(NOW - 65 * MINUTE)
    const windows = windowsOf(all)
    expect(windows[0]).toBe(Date.parse('2026-03-02T00:00:00Z'))
    expect(windows.at(-1)).toBe(NOW - 5 * MINUTE)
    expect(new Set(windows).size).toBe((NOW - Date.parse('2026-03-02T00:00:00Z')) / (5 * MINUTE))
    expect(windows).toHaveLength(new Set(windows).size)
  })

  it('leaves out what is known, and the gaps of days that may be closed', () => {
    const known = new Set(windowsOf(all).filter((at) => at % (30 * MINUTE) !== 0))
    const missing = windowsOf(missingHours(known, NOW))
    expect(missing.every((at) => at % (30 * MINUTE) === 0 && at >= NOW - 2 * DAY)).toBe(true)
    expect(missing).toHaveLength((2 * DAY) / (30 * MINUTE))
    expect(missingHours(new Set(windowsOf(all)), NOW)).toEqual([])
  })

  it('still gives a day of which nothing is known, however long ago', () => {
    const known = new Set(windowsOf(all).filter((at) => at >= TWO_DAYS_AGO))
    expect(windowsOf(missingHours(known, NOW)).at(-1)).toBe(TWO_DAYS_AGO - 5 * MINUTE)
  })
})

describe('postHistory', () => {
  it('rests between its hours, as long as a pace of 1,000 readings a second takes at least', async () => {
    const sizes: number[] = []
    const posted = postHistory({
      hours: [[3, 4], [1, 2], [0]],
      before: 5,
      readings: (window) => Array.from({ length: 100 }, () => ({ window })),
      post: async (readings) => {
        sizes.push(readings.length)
        return { accepted: readings.length, refused: 0, retries: 0 }
      },
      signal: new AbortController().signal,
    })
    const began = performance.now()
    for await (const { accepted } of posted) expect(accepted).toBe(sizes.at(-1))
    expect(sizes).toEqual([200, 200, 100])
    expect(performance.now() - began).toBeGreaterThan(490)
  })
})
