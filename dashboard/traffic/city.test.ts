import { describe, expect, it } from '@jest/globals'
import { countLevels, expireFeature, patchFeature, worstOf } from './city.ts'
import { featureOf, segmentsOf, stateOf } from './fixture.ts'

const at = (time: string): number => Date.parse(`2012-03-01T${time}Z`)

describe('a changed state', () => {
  const known = featureOf({ segment: 'a', name: 'Ring' })

  it('replaces the values of its segment and keeps name and place', () => {
    const { geometry, properties } = patchFeature(known, stateOf({ segment: 'a' }), at('08:04:30'))
    expect(geometry).toBe(known.geometry)
    expect(properties).toEqual({
      segment: 'a',
      name: 'Ring',
      level: 'slow',
      speedKmh: 20,
      freeFlowKmh: 50,
      ratio: 0.4,
      jamFactor: 6,
      confidence: 0.9,
      windowStart: '2012-03-01T08:00:00.000Z',
      windowEnd: '2012-03-01T08:05:00.000Z',
      asOf: '2012-03-01T08:04:30.000Z',
    })
  })

  it('of an older window changes nothing', () => {
    const old = stateOf({
      segment: 'a',
      windowStart: '2012-03-01T07:55:00.000Z',
      windowEnd: '2012-03-01T08:00:00.000Z',
    })
    expect(patchFeature(known, old, at('08:04:30'))).toBe(known)
  })

  it('that was observed two windows ago is still known, and unknown a moment later', () => {
    const state = stateOf({ segment: 'a' })
    expect(patchFeature(known, state, at('08:14:00')).properties.level).toBe('slow')
    expect(patchFeature(known, state, at('08:14:01')).properties).toMatchObject({
      level: 'unknown',
      speedKmh: null,
      ratio: null,
      jamFactor: null,
      confidence: 0,
    })
  })

  it('without a free-flow speed keeps its speed', () => {
    const state = stateOf({ segment: 'a', level: 'unknown', freeFlowKmh: null, ratio: null, jamFactor: null })
    expect(patchFeature(known, state, at('08:04:30')).properties).toMatchObject({ level: 'unknown', speedKmh: 20 })
  })
})

describe('a segment that nobody tells of', () => {
  const asOf = '2012-03-01T08:03:00.000Z'
  const known = featureOf({ segment: 'a', asOf })

  it('is known for two windows and unknown a moment later', () => {
    expect(expireFeature(known, at('08:13:00'))).toBe(known)
    expect(expireFeature(known, at('08:13:01')).properties).toMatchObject({
      ...{ level: 'unknown', speedKmh: null, ratio: null, jamFactor: null, confidence: 0, freeFlowKmh: 50 },
      ...{ windowEnd: '2012-03-01T08:05:00.000Z', asOf: '2012-03-01T08:13:01.000Z' },
    })
  })

  it('is no newer than its window, whenever it was asked for', () => {
    const asked = featureOf({ segment: 'a', asOf: '2012-03-01T08:09:00.000Z' })
    expect(expireFeature(asked, at('08:15:00'))).toBe(asked)
    expect(expireFeature(asked, at('08:15:01')).properties.level).toBe('unknown')
  })

  it('tells for how long it is unknown, every minute', () => {
    const unknown = expireFeature(known, at('08:13:01'))
    expect(expireFeature(unknown, at('08:14:00'))).toBe(unknown)
    expect(expireFeature(unknown, at('08:14:01')).properties.asOf).toBe('2012-03-01T08:14:01.000Z')
  })

  it('stays as it is where nothing was ever measured', () => {
    const never = featureOf({ segment: 'a', level: 'unknown', speedKmh: null, windowStart: null, windowEnd: null })
    expect(expireFeature(never, at('20:00:00'))).toBe(never)
  })
})

describe('the city at a glance', () => {
  const segments = segmentsOf(
    { segment: 'a', level: 'slow', ratio: 0.5 },
    { segment: 'b', level: 'slow', ratio: 0.4 },
    { segment: 'c', level: 'closed', ratio: null },
    { segment: 'd', level: 'unknown', ratio: null },
    { segment: 'e' },
    { segment: 'f', level: 'slow', ratio: 0.4 },
  )

  it('counts every level, also those that nobody is at', () => {
    expect(countLevels(segments)).toEqual({
      ...{ closed: 1, stationary: 0, queuing: 0, slow: 3, heavy: 0, free: 1, unknown: 1 },
    })
  })

  it('has the worst first: level, then share of free flow, then name; nothing that is free or unknown', () => {
    expect(worstOf(segments, 9).map(({ segment }) => segment)).toEqual(['c', 'b', 'f', 'a'])
    expect(worstOf(segments, 2).map(({ segment }) => segment)).toEqual(['c', 'b'])
  })
})
