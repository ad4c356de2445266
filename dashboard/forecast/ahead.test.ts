import { describe, expect, it } from '@jest/globals'
import { featureOf, segmentsOf } from '../traffic/fixture.ts'
import { type Ahead, aheadOf, hollowOf, standingOf } from './ahead.ts'
import { cityForecastOf } from './city-forecast.ts'
import { answerOf, forecastOf, pointOf } from './fixture.ts'
import type { Forecasts } from './forecast-feed.ts'

const at = (time: string) => Date.parse(`2012-03-01T${time}Z`)
const moment = { asOf: at('08:07:00'), now: 0, windowMs: 5 * 60_000 }
const segments = segmentsOf(
  { segment: 'a', name: 'Ring' },
  { segment: 'b' },
  { segment: 'c' },
  { segment: 'd', freeFlowKmh: null },
)
const older = forecastOf({
  windowStart: '2012-03-01T07:45:00.000Z',
  source: 'profile',
  points: [pointOf({ minutes: 45, p50Kmh: 40, p10Kmh: null, p90Kmh: null, level: 'heavy' })],
})
const forecasts: Forecasts = {
  known: cityForecastOf(
    answerOf(
      { segment: 'a' },
      { segment: 'b', forecast: older },
      { segment: 'c', forecast: null },
      { segment: 'd', forecast: forecastOf({ points: [pointOf({ level: 'unknown' })] }) },
    ),
    0,
  ),
  failed: false,
}
const shown = (ahead: Ahead) =>
  [...ahead.segments.values()].map(({ properties: { segment, level, speedKmh, ratio } }) => [
    segment,
    level,
    speedKmh,
    ratio,
  ])

describe('the city ahead', () => {
  const ahead = aheadOf(forecasts, segments, 30, moment, undefined)

  it('is one window, also of forecasts that were made earlier; unknown where there is none', () => {
    expect([ahead.standing, ahead.at]).toEqual(['here', at('08:30:00')])
    expect(shown(ahead)).toEqual([
      ['a', 'slow', 24, 0.48],
      ['b', 'heavy', 40, 0.8],
      ['c', 'unknown', null, null],
      ['d', 'unknown', 24, null],
    ])
    expect([...ahead.expected.keys()]).toEqual(['a', 'b', 'd'])
    expect(hollowOf(ahead)).toEqual(new Set(['b']))
  })

  it('keeps name and place, and tells the window that it is for', () => {
    const { geometry, properties } = ahead.segments.get('a') ?? featureOf({ segment: '' })
    expect(geometry).toBe(segments.get('a')?.geometry)
    expect(properties).toMatchObject({ name: 'Ring', windowStart: '2012-03-01T08:30:00.000Z', jamFactor: 5.2 })
    expect(properties.windowEnd).toBe('2012-03-01T08:35:00.000Z')
  })

  it('has nothing where no forecast reaches', () => {
    const beyond = aheadOf(forecasts, segments, 60, moment, undefined)
    expect(shown(beyond).map(([, level]) => level)).toEqual(['unknown', 'unknown', 'unknown', 'unknown'])
  })

  it('is the same object until a forecast or a road is another, whatever happens now', () => {
    const jammed = new Map([
      ...segments,
      [
        'a',
        {
          ...featureOf({ segment: 'a', name: 'Ring', level: 'stationary' }),
          geometry: segments.get('a')?.geometry ?? null,
        },
      ],
    ])
    expect(aheadOf(forecasts, jammed, 30, moment, ahead)).toBe(ahead)
    const named = new Map([...segments, ['b', featureOf({ segment: 'b', name: 'Quay' })]])
    const next = aheadOf(forecasts, named, 30, moment, ahead)
    expect(next.segments.get('a')).toBe(ahead.segments.get('a'))
    expect(next.segments.get('b')?.properties.name).toBe('Quay')
    expect(aheadOf(forecasts, segments, 15, moment, ahead).segments.get('a')?.properties.speedKmh).toBe(33)
  })

  it('shows nothing once the forecasts are too old', () => {
    const old = aheadOf(forecasts, segments, 30, { ...moment, asOf: at('08:15:01') }, ahead)
    expect([old.standing, old.at, old.expected.size]).toEqual(['stale', undefined, 0])
    expect(shown(old).every(([, level]) => level === 'unknown')).toBe(true)
  })
})

it('says why there is nothing to show', () => {
  expect(standingOf({ known: undefined, failed: false }, moment)).toBe('loading')
  expect(standingOf({ known: undefined, failed: true }, moment)).toBe('failed')
  expect(standingOf({ known: cityForecastOf(answerOf(), 0), failed: false }, moment)).toBe('none')
  expect(standingOf({ ...forecasts, failed: true }, moment)).toBe('here')
})
