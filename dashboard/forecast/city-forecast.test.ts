import { describe, expect, it } from '@jest/globals'
import { cityForecastOf, isStale, nextDue } from './city-forecast.ts'
import { answerOf, forecastOf } from './fixture.ts'

const WINDOW = 5 * 60_000
const at = (time: string) => Date.parse(`2012-03-01T${time}Z`)

describe('the forecasts of a city', () => {
  const older = forecastOf({ windowStart: '2012-03-01T07:55:00.000Z', madeAt: '2012-03-01T08:01:00.000Z' })
  const city = cityForecastOf(
    answerOf({ segment: 'a', forecast: older }, { segment: 'b' }, { segment: 'c', forecast: null }),
    7,
  )

  it('are those of the segments that have one, as old as the newest of them', () => {
    expect([...city.forecasts.keys()]).toEqual(['a', 'b'])
    expect([city.from, city.madeAt, city.readAt]).toEqual([at('08:00:00'), at('08:06:00'), 7])
  })

  it('are due again a minute after the window that follows has ended', () => {
    expect(nextDue(city, WINDOW)).toBe(at('08:11:00'))
  })

  it('are always due where there are none', () => {
    const none = cityForecastOf(answerOf({ segment: 'a', forecast: null }), 0)
    expect([none.from, nextDue(none, WINDOW), isStale(none, at('23:00:00'), 0, WINDOW)]).toEqual([undefined, 0, false])
  })

  it('are too old once the window they were made from began three windows ago, by the clock of the city', () => {
    expect(isStale(city, at('08:15:00'), 7, WINDOW)).toBe(false)
    expect(isStale(city, at('08:15:01'), 7, WINDOW)).toBe(true)
  })

  it('of a window of a minute are shown as long as the city tells them', () => {
    expect(isStale(city, at('08:11:00'), 7, 60_000)).toBe(false)
    expect(isStale(city, at('08:11:01'), 7, 60_000)).toBe(true)
  })

  it('grow old while the city does not answer', () => {
    const readAt = at('08:07:00')
    expect(isStale(city, readAt, 7 + 8 * 60_000, WINDOW)).toBe(false)
    expect(isStale(city, readAt, 7 + 8 * 60_000 + 1, WINDOW)).toBe(true)
  })
})
