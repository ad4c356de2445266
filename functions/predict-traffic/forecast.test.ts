import { describe, expect, it } from '@jest/globals'
import { TrafficForecast } from '#shared/contracts/forecast.ts'
import { fakeModel } from '#test/forecasts/model.ts'
import { forecastsOf, withoutScore } from './forecast.ts'
import { newestWindow, type SegmentPast } from './read.ts'
import { inService } from './service.ts'

const MINUTE = 60_000
const moment = { base: Date.parse('2026-03-02T07:55:00Z'), windowMs: 5 * MINUTE, now: new Date('2026-03-02T08:01:00Z') }
const past = (segment: string, newest: number, freeFlowKmh: number | null = 100): SegmentPast => ({
  ...{ segment, freeFlowKmh, isMade: false },
  speeds: Float32Array.from([...Array(11).fill(50), newest]),
})

describe('the newest window', () => {
  it.each([
    ['2026-03-02T08:01:00Z', '2026-03-02T07:55:00.000Z'],
    ['2026-03-02T08:04:59.999Z', '2026-03-02T07:55:00.000Z'],
    ['2026-03-02T08:05:00Z', '2026-03-02T08:00:00.000Z'],
  ])('at %s is that of %s', (now, window) => {
    expect(new Date(newestWindow(new Date(now), 5 * MINUTE)).toISOString()).toBe(window)
  })
})

describe('a forecast', () => {
  it('is in km/h, with the level of each point', async () => {
    const serving = inService(fakeModel([{ id: 'a', usual: 60 }]).model, moment.windowMs)
    const [forecast] = await forecastsOf([past('a', 30)], serving, moment)
    expect(forecast && TrafficForecast.parse(withoutScore(forecast))).toEqual({
      segment: 'a',
      windowStart: '2026-03-02T07:55:00.000Z',
      madeAt: '2026-03-02T08:01:00.000Z',
      source: 'model',
      model: 'f'.repeat(64),
      points: [
        { minutes: 15, windowStart: '2026-03-02T08:10:00.000Z', p10Kmh: 28, p50Kmh: 33, p90Kmh: 38, level: 'queuing' },
        { minutes: 30, windowStart: '2026-03-02T08:25:00.000Z', p10Kmh: 31, p50Kmh: 36, p90Kmh: 41, level: 'slow' },
        { minutes: 45, windowStart: '2026-03-02T08:40:00.000Z', p10Kmh: 34, p50Kmh: 39, p90Kmh: 44, level: 'slow' },
        { minutes: 60, windowStart: '2026-03-02T08:55:00.000Z', p10Kmh: 37, p50Kmh: 42, p90Kmh: 47, level: 'slow' },
      ],
    })
    expect([forecast?.persistenceKmh, forecast?.profileKmh]).toEqual([30, [60, 60, 60, 60]])
  })

  it('of a model in miles per hour comes back as km/h', async () => {
    const serving = inService(fakeModel([{ id: 'a', usual: 60 }], 'HM').model, moment.windowMs)
    // 16.09344 km/h are 10 mph; 13, 16, 19 and 22 mph are 20.9, 25.7, 30.6 and 35.4 km/h, 60 are 96.6.
    const [forecast] = await forecastsOf([past('a', 16.09344)], serving, moment)
    expect(forecast?.points.map(({ p50Kmh }) => p50Kmh)).toEqual([20.9, 25.7, 30.6, 35.4])
    expect(forecast?.points[0]).toMatchObject({ p10Kmh: 12.9, p90Kmh: 29 })
    expect([forecast?.persistenceKmh, forecast?.profileKmh?.[0]]).toEqual([16.1, 96.6])
  })

  it('is of windows of the city, where they are no whole minutes, too', async () => {
    const odd = { ...moment, windowMs: 70_000 }
    const serving = inService(fakeModel([{ id: 'a', usual: 60 }]).model, odd.windowMs)
    const [forecast] = await forecastsOf([past('a', 30)], serving, odd)
    expect(forecast?.points.map(({ minutes, windowStart }) => [minutes, windowStart])).toEqual([
      [15, '2026-03-02T08:10:10.000Z'],
      [30, '2026-03-02T08:25:20.000Z'],
      [46, '2026-03-02T08:40:30.000Z'],
      [60, '2026-03-02T08:54:30.000Z'],
    ])
  })

  it('is never below nothing, and of an unknown level where the free flow is', async () => {
    const serving = inService(fakeModel([{ id: 'a', usual: 60 }]).model, moment.windowMs)
    const [forecast] = await forecastsOf([past('a', 1, null)], serving, moment)
    expect(forecast?.points[0]).toMatchObject({ p10Kmh: 0, p50Kmh: 4, p90Kmh: 9, level: 'unknown' })
  })

  it.each([
    ['steps of another length', fakeModel([{ id: 'a', usual: 60 }], 'KMH', { stepMs: 600_000 }), 'steps of 10 min'],
    ['another measure', fakeModel([{ id: 'a', usual: 60 }], 'C62', { measure: 'count' }), 'count in C62'],
    ['no unit of speed', fakeModel([{ id: 'a', usual: 60 }], 'CEL'), 'speed in CEL'],
  ])('goes without a model of %s', async (_what, { model, runs }, why) => {
    const serving = inService(model, moment.windowMs)
    expect('unfit' in serving ? serving.unfit : undefined).toContain(why)
    const [forecast] = await forecastsOf([past('a', 30)], serving, moment)
    expect(forecast).toMatchObject({ source: 'persistence', model: null, persistenceKmh: 30, profileKmh: null })
    expect(forecast?.points.map(({ minutes, p50Kmh, p10Kmh }) => [minutes, p50Kmh, p10Kmh])).toEqual([
      [15, 30, null],
      [30, 30, null],
      [45, 30, null],
      [60, 30, null],
    ])
    expect(runs).toEqual([])
  })
})
