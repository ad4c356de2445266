import { describe, expect, it } from '@jest/globals'
import type { PastState } from '#shared/contracts/traffic-status.ts'
import { statusOf } from '../traffic/fixture.ts'
import { bandOf, seriesOf, toldOf } from './series.ts'

const WINDOW = 5 * 60_000
const from = Date.parse('2012-03-01T07:50:00Z')
const to = Date.parse('2012-03-01T08:05:00Z')
const past = (windowStart: string, speedKmh: number | null): PastState => ({
  level: 'heavy',
  ...{ speedKmh, freeFlowKmh: 50, ratio: null, jamFactor: null, confidence: 0.9, rev: 1 },
  windowStart,
  windowEnd: new Date(Date.parse(windowStart) + WINDOW).toISOString(),
})
const slot = (windowStart: string, days: number) => ({ windowStart, p10: 30, p50: 40, p90: 45, days })

describe('a day as columns', () => {
  const states = [past('2012-03-01T07:50:00.000Z', 40.4), past('2012-03-01T08:00:00.000Z', 30)]
  const slots = [slot('2012-03-01T07:55:00.000Z', 4)]
  const now = statusOf({ segment: 'a', level: 'slow', speedKmh: 20 })

  it('leaves gaps where nothing was measured, and takes the newest value of the current window', () => {
    expect(seriesOf({ from, to, states, slots }, now, WINDOW)).toEqual({
      times: [from, from + WINDOW, from + 2 * WINDOW],
      speed: [40.4, null, 20],
      level: ['heavy', 'unknown', 'slow'],
      p10: [null, 30, null],
      p50: [null, 40, null],
      p90: [null, 45, null],
    })
  })

  it('keeps what was measured while the present is not known', () => {
    const silent = statusOf({ segment: 'a', level: 'unknown', speedKmh: null })
    expect(seriesOf({ from, to, states, slots }, silent, WINDOW).speed).toEqual([40.4, null, 30])
  })

  it('is told in words', () => {
    const series = seriesOf({ from, to, states, slots }, now, WINDOW)
    expect(toldOf(series)).toBe('Speed over the last 24 hours: between 20 and 40 km/h, 20 km/h at the end.')
    expect(toldOf({ ...series, speed: [null] })).toBe('No speed was measured in the last 24 hours.')
  })
})

describe('what the band stands on', () => {
  it('is said, also where it is too little', () => {
    const at = '2012-03-01T08:00:00.000Z'
    expect(bandOf([])).toBe('No typical band yet: it needs this time of day on 3 earlier days.')
    expect(bandOf([slot(at, 4), slot(at, 4)])).toBe('Typical: 8 of 10 days; from 4 earlier days.')
    expect(bandOf([slot(at, 6), slot(at, 3)])).toBe('Typical: 8 of 10 days; from 3 to 6 earlier days.')
  })
})
