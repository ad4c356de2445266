import { describe, expect, it } from '@jest/globals'
import { StatusQuery } from './query.ts'
import { type StatusRow, selectFeatures, toFeature } from './status.ts'

const row: StatusRow = {
  segment: 'loop-1',
  name: null,
  geometry: { type: 'Point', coordinates: [-118.3, 34.1] },
  level: 'slow',
  speedKmh: 48,
  freeFlowKmh: 100,
  ratio: 0.48,
  jamFactor: 5.2,
  confidence: 0.9,
  windowStart: new Date('2012-03-01T08:00:00Z'),
  windowEnd: new Date('2012-03-01T08:05:00Z'),
  observedAt: new Date('2012-03-01T08:04:00Z'),
}
const FIVE_MINUTES = 300_000
const levelAt = (asOf: string) => toFeature(row, new Date(asOf), FIVE_MINUTES).properties

describe('toFeature', () => {
  it('tells a measured state as of now', () => {
    expect(toFeature(row, new Date('2012-03-01T08:06:00Z'), FIVE_MINUTES)).toEqual({
      type: 'Feature',
      id: 'loop-1',
      geometry: { type: 'Point', coordinates: [-118.3, 34.1] },
      properties: {
        segment: 'loop-1',
        name: null,
        level: 'slow',
        speedKmh: 48,
        freeFlowKmh: 100,
        ratio: 0.48,
        jamFactor: 5.2,
        confidence: 0.9,
        windowStart: '2012-03-01T08:00:00.000Z',
        windowEnd: '2012-03-01T08:05:00.000Z',
        asOf: '2012-03-01T08:06:00.000Z',
      },
    })
  })

  it('keeps a state whose newest observation is two windows old, and no longer', () => {
    expect(levelAt('2012-03-01T08:14:00.000Z')).toMatchObject({ level: 'slow', speedKmh: 48 })
    expect(levelAt('2012-03-01T08:14:00.001Z')).toMatchObject({
      level: 'unknown',
      speedKmh: null,
      ratio: null,
      jamFactor: null,
      confidence: 0,
      freeFlowKmh: 100,
      windowEnd: '2012-03-01T08:05:00.000Z',
    })
  })

  it('says unknown of a segment that was never measured', () => {
    const never = { ...row, level: 'unknown' as const, windowStart: null, windowEnd: null, observedAt: null }
    expect(toFeature(never, new Date('2012-03-01T08:06:00Z'), FIVE_MINUTES).properties).toMatchObject({
      level: 'unknown',
      windowStart: null,
      confidence: 0,
    })
  })
})

describe('selectFeatures', () => {
  const feature = (segment: string, longitude: number, level: StatusRow['level']) =>
    toFeature(
      { ...row, segment, level, geometry: { type: 'Point', coordinates: [longitude, 34] } },
      new Date('2012-03-01T08:06:00Z'),
      FIVE_MINUTES,
    )
  const nowhere = toFeature({ ...row, segment: 'd', geometry: null }, new Date('2012-03-01T08:06:00Z'), FIVE_MINUTES)
  const all = [feature('a', -118, 'free'), feature('b', -117, 'slow'), feature('c', 179, 'queuing'), nowhere]
  const names = (query: Record<string, string>) =>
    selectFeatures(all, StatusQuery.parse(query)).page.map(({ properties }) => properties.segment)

  it('gives all without a filter', () => expect(names({})).toEqual(['a', 'b', 'c', 'd']))
  it('keeps the levels asked for', () => expect(names({ level: 'queuing,free' })).toEqual(['a', 'c']))
  it('keeps what touches the box, edges included', () => expect(names({ bbox: '-118,34,-117.5,35' })).toEqual(['a']))
  it('leaves out what has no place when a box is asked for', () =>
    expect(names({ bbox: '-180,-90,180,90' })).toEqual(['a', 'b', 'c']))
  it('takes a box across the antimeridian', () => expect(names({ bbox: '170,30,-117.5,40' })).toEqual(['a', 'c']))
  it('cuts pages and tells where the next begins', () => {
    const first = selectFeatures(all, StatusQuery.parse({ limit: '2' }))
    expect(first.next).toBe('b')
    expect(names({ limit: '2', after: 'b' })).toEqual(['c', 'd'])
    expect(selectFeatures(all, StatusQuery.parse({ limit: '2', after: 'b' })).next).toBeUndefined()
  })
})
