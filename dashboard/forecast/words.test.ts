import { describe, expect, it } from '@jest/globals'
import { segmentsOf } from '../traffic/fixture.ts'
import { accuracyAt, comparedOf, pointOf } from './fixture.ts'
import {
  accuracyOf,
  expectedOf,
  originOf,
  originsOf,
  outlookOf,
  rangeOf,
  sureOf,
  travelOf,
  unknownOf,
  WHY_NOT,
} from './words.ts'

describe('the city in a sentence', () => {
  it('tells how much will be slow, and where it is worst', () => {
    const some = segmentsOf(
      { segment: 'a', name: 'Ring', level: 'slow', speedKmh: 21.4, ratio: 0.4 },
      { segment: 'b' },
      { segment: 'c', level: 'unknown', speedKmh: null },
    )
    expect(outlookOf(some, '08:30')).toBe('Expected at 08:30: slow or jammed on 1 of 2 segments; worst: Ring, 21 km/h.')
    expect(outlookOf(segmentsOf({ segment: 'a' }, { segment: 'b' }), '08:30')).toBe(
      'Expected at 08:30: no slow traffic on any of 2 segments.',
    )
    expect(outlookOf(segmentsOf({ segment: 'a', level: 'unknown', speedKmh: null }), '08:30')).toBe(
      'For 08:30 there is no forecast for any of 1 segment.',
    )
  })

  it('knows speeds of roads whose speed when empty nobody knows yet', () => {
    const fresh = segmentsOf(
      { segment: 'a', level: 'unknown', freeFlowKmh: null },
      { segment: 'b', level: 'unknown', speedKmh: null },
    )
    expect(outlookOf(fresh, '08:30')).toBe(
      'Speeds at 08:30 are forecast for 1 segment, but not how slow that is: how fast the empty roads are is not known yet.',
    )
  })

  it('does not promise the first forecast to a city whose forecasts have stopped', () => {
    expect(WHY_NOT.none).toBe('There is no current forecast: either nothing was measured lately, or none was made.')
  })

  it('calls a level unknown where there is a speed without one', () => {
    const of = (level: 'slow' | 'unknown') => ({ source: 'persistence' as const, point: pointOf({ level }) })
    expect(unknownOf([of('slow'), of('unknown')])).toBe('Not known')
    expect([unknownOf([of('slow')]), unknownOf([])]).toEqual(['No forecast', 'No forecast'])
  })

  it('counts what is not the model’s', () => {
    const of = (...sources: ('model' | 'profile' | 'persistence')[]) =>
      originsOf(sources.map((source) => ({ source, point: pointOf() })))
    expect(of('model', 'profile', 'persistence', 'profile')).toBe(
      'Not from the model: 2 from what is usual then, 1 from the newest speed',
    )
    expect(of('model')).toBe('Not from the model: none')
  })
})

describe('a segment in a sentence', () => {
  it.each([
    [{}, 'Slower than usual at 08:30: about 24 km/h, usually 43.'],
    [{ usualKmh: 15 }, 'Faster than usual at 08:30: about 24 km/h, usually 15.'],
    [{ usualKmh: 30 }, 'Probably slower than usual at 08:30: about 24 km/h, usually 30.'],
    [{ usualKmh: 19 }, 'Probably faster than usual at 08:30: about 24 km/h, usually 19.'],
    [{ usualKmh: 26 }, 'As usual at 08:30: about 24 km/h, usually 26.'],
    [{ p10Kmh: null, p90Kmh: null }, 'Probably slower than usual at 08:30: about 24 km/h, usually 43.'],
    [{ usualKmh: null }, 'Traffic is slow at 08:30: about 24 km/h, 50 on the empty road.'],
    [{ usualKmh: null, level: 'unknown' }, 'At 08:30 about 24 km/h.'],
  ] as const)('%j is told against what is usual', (told, sentence) => {
    expect(expectedOf(comparedOf(told), '08:30', 50)).toBe(sentence)
  })

  it('says how sure that is', () => {
    expect([sureOf(pointOf()), rangeOf(pointOf())]).toEqual(['8 times of 10 it is between 18 and 31 km/h.', '18–31'])
    const bare = pointOf({ p10Kmh: null, p90Kmh: null })
    expect([sureOf(bare), rangeOf(bare)]).toEqual(['How sure that is cannot be said.', '–'])
  })

  it('says where it comes from, unless it is the model', () => {
    expect(originOf('model')).toBeUndefined()
    expect(originOf('profile')).toContain('usual at that time')
    expect(originOf('persistence')).toContain('newest speed')
  })
})

describe('the time that a road takes', () => {
  it.each([
    [7.3, {}, 'This road then takes about 18 min, usually 10.'],
    [1, {}, 'This road then takes about 3 min, usually 1.'],
    [0.5, {}, 'This road then takes about 75 s, usually 40.'],
    [0.01, {}, 'This road then takes about 5 s, as usual.'],
    [7.3, { usualKmh: 24.1 }, 'This road then takes about 18 min, as usual.'],
    [7.3, { usualKmh: null }, 'This road then takes about 18 min.'],
    [7.3, { usualKmh: 0.5 }, 'This road then takes about 18 min.'],
  ] as const)('of %d km, %j is told in minutes or seconds', (lengthKm, told, sentence) => {
    expect(travelOf(lengthKm, comparedOf(told))).toBe(sentence)
  })

  it('is not told where nobody knows its length, or where nothing moves', () => {
    expect(travelOf(null, comparedOf())).toBeUndefined()
    expect(travelOf(2, comparedOf({ p50Kmh: 0 }))).toBeUndefined()
  })
})

it('how far off forecasts were is told with the band, where there was one', () => {
  expect(accuracyOf(accuracyAt())).toBe(
    "City-wide, the last day's forecasts 30 min ahead were off by 4.1 km/h on average; 79 % of the speeds lay within a band that aims at 80 %.",
  )
  expect(accuracyOf(accuracyAt({ coverage: null }))).toBe(
    "City-wide, the last day's forecasts 30 min ahead were off by 4.1 km/h on average.",
  )
})
