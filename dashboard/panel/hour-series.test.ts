import { expect, it } from '@jest/globals'
import { comparedOf, forecastOf } from '../forecast/fixture.ts'
import { statusOf } from '../traffic/fixture.ts'
import { hourOf } from './hour-series.ts'

const WINDOW = 5 * 60_000
const at = (time: string) => Date.parse(`2012-03-01T${time}:00Z`)
const points = [
  comparedOf(),
  comparedOf({ minutes: 60, windowStart: '2012-03-01T09:00:00.000Z', p10Kmh: null, p90Kmh: null }),
]
const forecast = { ...forecastOf(), points }
const slot = { windowStart: '2012-03-01T08:45:00.000Z', p10: 30, p50: 40, p90: 45, days: 5 }
const status = statusOf({ segment: 'a', level: 'heavy', speedKmh: 36 })

const hour = hourOf({ states: [], slots: [slot] }, status, forecast, { windowMs: WINDOW, now: at('08:07') })
const row = (time: string) => {
  const i = hour.times.indexOf(at(time))
  return [hour.speed[i], hour.level[i], hour.low[i], hour.expected[i], hour.high[i], hour.p50[i]]
}

it('reaches from an hour before the newest full window to an hour after it', () => {
  expect([hour.times[0], hour.times.at(-1), hour.times.length]).toEqual([at('07:00'), at('09:00'), 25])
  expect(hour.now).toBe(at('08:07'))
})

it('begins with what was measured, and goes on with what is expected beside what is usual', () => {
  expect(row('07:55')).toEqual([null, 'unknown', null, null, null, null])
  expect(row('08:00')).toEqual([36, 'heavy', 36, 36, 36, null])
  expect(row('08:30')).toEqual([null, 'slow', 18, 24, 31, null])
  expect(row('08:45')).toEqual([null, 'unknown', null, null, null, 40])
  expect(row('09:00')).toEqual([null, 'slow', null, 24, null, null])
})

it('has no beginning where nothing was measured', () => {
  const silent = statusOf({ segment: 'a', level: 'unknown', speedKmh: null })
  const { times, expected } = hourOf({ states: [], slots: [] }, silent, forecast, {
    windowMs: WINDOW,
    now: at('08:07'),
  })
  expect(expected[times.indexOf(at('08:00'))]).toBeNull()
})
