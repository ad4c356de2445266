import { describe, expect, it } from '@jest/globals'
import { HistoryQuery, SegmentName, StatusQuery } from './query.ts'

describe('StatusQuery', () => {
  it('reads a box, levels and a limit', () => {
    expect(StatusQuery.parse({ bbox: '-118.5,33.9,-118,34.2', level: 'slow,queuing', limit: '10' })).toEqual({
      bbox: [-118.5, 33.9, -118, 34.2],
      level: ['slow', 'queuing'],
      limit: 10,
    })
  })

  it.each([
    { bbox: '1,2,3' },
    { bbox: '1,2,3,4,5' },
    { bbox: '1,,3,4' },
    { bbox: 'NaN,0,1,1' },
    { bbox: '0,0,181,1' },
    { bbox: '0,0,1,91' },
    { bbox: '0,2,1,1' },
    { bbox: "0,0,1,1'); drop table segment; --" },
    { level: 'good' },
    { level: '' },
    { limit: '0' },
    { limit: '1001' },
    { limit: '1e9' },
    { limit: '1.5' },
    { after: '' },
    { after: 'a\0b' },
    { sort: 'level' },
  ])('refuses %j', (query) => expect(StatusQuery.safeParse(query).success).toBe(false))
})

describe('HistoryQuery', () => {
  it('takes instants of any zone', () => {
    expect(HistoryQuery.parse({ from: '2012-03-01T00:00:00-08:00' }).from).toEqual(new Date('2012-03-01T08:00:00Z'))
  })

  it.each(['2012-02-30T00:00:00Z', '2012-03-01', '2012-03-01T00:00:00', '+294277-01-01T00:00:00Z', '1330588800'])(
    'refuses %s',
    (from) => expect(HistoryQuery.safeParse({ from }).success).toBe(false),
  )
})

describe('SegmentName', () => {
  it.each(['', 'x'.repeat(129), 'a\0b'])('refuses %j', (name) =>
    expect(SegmentName.safeParse(name).success).toBe(false),
  )
})
