import { describe, expect, it } from '@jest/globals'
import { segmentsOf, statusOf } from './fixture.ts'
import { counted, heldOf, percent, plural, summaryOf, trustOf, verdictOf } from './words.ts'

describe('the sentence on the city', () => {
  it.each([
    ['No slow traffic on any of 2 segments.', [{ segment: 'a' }, { segment: 'b', level: 'heavy' }]],
    ['No slow traffic on any of 1 measured segment.', [{ segment: 'a' }, { segment: 'b', level: 'unknown' }]],
    ['Nothing was measured lately on any of 1 segment.', [{ segment: 'a', level: 'unknown' }]],
    [
      'Traffic is slow or jammed on 2 of 3 segments; worst: Harbour Bridge, 14 km/h.',
      [
        { segment: 'a', level: 'slow' },
        { segment: 'b', name: 'Harbour Bridge', level: 'queuing', speedKmh: 14.4 },
        { segment: 'c' },
      ],
    ],
    [
      'Traffic is slow or jammed on 1 of 1 measured segment; worst: a, closed.',
      [
        { segment: 'a', level: 'closed', speedKmh: null },
        { segment: 'b', level: 'unknown' },
      ],
    ],
  ] as const)('%s', (sentence, told) => {
    expect(summaryOf(segmentsOf(...told))).toBe(sentence)
  })
})

describe('the sentence on a segment', () => {
  const usual = { windowStart: '2012-03-01T08:00:00.000Z', p10: 35, p50: 41, p90: 46, days: 5 }
  const slow = { segment: 'a', level: 'slow', speedKmh: 18 } as const

  it.each([
    ['Slower than usual: 18 km/h, usually 41 at this time.', slow, usual],
    ['As usual: 35 km/h, usually 41 at this time.', { ...slow, speedKmh: 35 }, usual],
    ['Faster than usual: 48 km/h, usually 41 at this time.', { segment: 'a' }, usual],
    ['Traffic is slow: 18 km/h, 50 on the empty road.', slow, undefined],
    ['Traffic is slow: 18 km/h.', { ...slow, freeFlowKmh: null }, undefined],
    ['Closed to traffic.', { segment: 'a', level: 'closed', speedKmh: null }, usual],
    ['No reading yet.', { segment: 'a', level: 'unknown', speedKmh: null, windowEnd: null }, undefined],
    [
      'No reading for 12 min: what is on the road now is not known.',
      { segment: 'a', level: 'unknown', speedKmh: null, asOf: '2012-03-01T08:17:00.000Z' },
      usual,
    ],
    [
      '18 km/h; without a free-flow speed nobody can say whether that is slow.',
      { ...slow, level: 'unknown', freeFlowKmh: null },
      undefined,
    ],
  ] as const)('%s', (sentence, told, band) => {
    expect(verdictOf(statusOf(told), band)).toBe(sentence)
  })
})

it('says why a level waits for further windows', () => {
  const held = (level: 'slow' | 'queuing' | 'heavy', ratio: number | null) => heldOf({ level, ratio })?.split(':')[0]
  expect([held('slow', 0.9), held('slow', 0.625), held('slow', 0.349)]).toEqual([
    'A jam was here',
    'A jam was here',
    'Not yet a jam',
  ])
  expect([
    held('slow', 0.624),
    held('slow', 0.35),
    held('slow', null),
    held('heavy', 0.7),
    held('queuing', 0.3),
  ]).toEqual(Array(5).fill(undefined))
})

it('writes numbers of things for people', () => {
  expect([counted(12345), plural(1, 'crash', 'crashes'), plural(0, 'event')]).toEqual(['12,345', '1 crash', '0 events'])
})

it('says how far a value can be trusted', () => {
  const trust = (confidence: number) => trustOf({ level: 'slow', confidence }).split(':')[0]
  expect([0.9, 0.7, 0.5, 0].map(trust)).toEqual(['high', 'good', 'low', 'none'])
  expect(trustOf({ level: 'unknown', confidence: 0.9 })).toBe('none')
})

it('never tells a share as more than it is', () => {
  expect([0.8996, 0.9, 0.57, 0.349, 1.004, 0, null].map(percent)).toEqual(['89', '90', '57', '34', '100', '0', '–'])
})
