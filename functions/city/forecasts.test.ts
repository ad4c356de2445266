import { describe, expect, it } from '@jest/globals'
import { type OutlookRow, toOutlook } from './forecasts.ts'

const FIVE_MINUTES = 300_000
const row: OutlookRow = {
  segment: 'harbor',
  name: 'Harbor Road',
  geometry: null,
  freeFlowKmh: 100,
  lengthKm: 1.5,
  windowStart: new Date('2012-03-01T08:00:00Z'),
  madeAt: new Date('2012-03-01T08:06:00Z'),
  source: 'model',
  model: 'f00d',
  minutes: [15, 30],
  p10: [40, 50],
  p50: [55, 65],
  p90: [70, 80],
  level: ['slow', 'heavy'],
}
const at = (asOf: string, windowMs = FIVE_MINUTES, of = row) => toOutlook(of, new Date(asOf), windowMs)

describe('toOutlook', () => {
  it('tells what is expected, point by point', () => {
    expect(at('2012-03-01T08:06:00Z')).toEqual({
      segment: 'harbor',
      name: 'Harbor Road',
      freeFlowKmh: 100,
      lengthKm: 1.5,
      forecast: {
        windowStart: '2012-03-01T08:00:00.000Z',
        madeAt: '2012-03-01T08:06:00.000Z',
        source: 'model',
        model: 'f00d',
        points: [
          {
            minutes: 15,
            windowStart: '2012-03-01T08:15:00.000Z',
            p10Kmh: 40,
            p50Kmh: 55,
            p90Kmh: 70,
            level: 'slow',
          },
          {
            minutes: 30,
            windowStart: '2012-03-01T08:30:00.000Z',
            p10Kmh: 50,
            p50Kmh: 65,
            p90Kmh: 80,
            level: 'heavy',
          },
        ],
      },
    })
  })

  it('tells a forecast for three windows, and then that nothing is known', () => {
    expect(at('2012-03-01T08:15:00.000Z').forecast?.points.length).toBe(2)
    expect(at('2012-03-01T08:15:00.001Z').forecast).toBeNull()
  })

  it('tells one of a short window until the next but one is due', () => {
    const aMinute = 60_000
    expect(at('2012-03-01T08:11:00.000Z', aMinute).forecast?.points.length).toBe(2)
    expect(at('2012-03-01T08:11:00.001Z', aMinute).forecast).toBeNull()
  })

  it('leaves out a window when it is over', () => {
    const minutes = ({ forecast }: ReturnType<typeof at>) => forecast?.points.map((point) => point.minutes)
    const soon = { ...row, minutes: [5, 30] }
    expect(minutes(at('2012-03-01T08:09:59.999Z', FIVE_MINUTES, soon))).toEqual([5, 30])
    expect(minutes(at('2012-03-01T08:10:00.000Z', FIVE_MINUTES, soon))).toEqual([30])
  })

  it('knows nothing when all its windows are over', () => {
    expect(at('2012-03-01T08:12:00Z', FIVE_MINUTES, { ...row, minutes: [5], p50: [55] }).forecast).toBeNull()
  })

  it('tells no band where the source knows none', () => {
    const bare = at('2012-03-01T08:06:00Z', FIVE_MINUTES, { ...row, source: 'persistence', p10: null, p90: null })
    expect(bare.forecast?.points[0]).toMatchObject({ p10Kmh: null, p50Kmh: 55, p90Kmh: null })
  })

  it('knows nothing of a segment without a forecast', () => {
    expect(at('2012-03-01T08:06:00Z', FIVE_MINUTES, { ...row, windowStart: null })).toEqual({
      ...{ segment: 'harbor', name: 'Harbor Road', freeFlowKmh: 100, lengthKm: 1.5, forecast: null },
    })
  })
})
