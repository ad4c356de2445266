import { describe, expect, it } from '@jest/globals'
import { readSent, toCanonical } from './sent-reading.ts'

const reading = {
  device: 'loop-773869',
  observedAt: '2012-03-01T00:00:00-08:00',
  seq: 17,
  location: { type: 'Point', coordinates: [-118.31829, 34.15497] },
  measures: { speed: 40, count: 12, occupancy: 0.08 },
  units: { speed: 'HM' },
}

const faults = (value: unknown) => {
  const read = readSent(value)
  return Array.isArray(read) ? read : []
}
const paths = (change: object) => faults({ ...reading, ...change }).map(({ path }) => path)

describe('readSent', () => {
  it('takes the documented form', () => {
    expect(paths({})).toEqual([])
  })

  it.each([
    ['a field nobody knows', { role: 'admin' }, ['/role']],
    ['no device', { device: '' }, ['/device']],
    ['a control character in the device', { device: 'a\r\nb' }, ['/device']],
    ['a negative sequence', { seq: -1 }, ['/seq']],
    ['a fractional sequence', { seq: 1.5 }, ['/seq']],
    ['latitude 91', { location: { type: 'Point', coordinates: [0, 91] } }, ['/location/coordinates/1']],
    ['a polygon', { location: { type: 'Polygon', coordinates: [0, 1] } }, ['/location/type']],
    ['a text as value', { measures: { speed: '64' } }, ['/measures/speed']],
    ['null as value', { measures: { speed: null } }, ['/measures/speed']],
    ['several faults', { device: 1, seq: 'x' }, ['/device', '/seq']],
  ])('refuses %s', (_name, change, expected) => {
    expect(paths(change)).toEqual(expected)
  })
})

describe('a reading that is not as it should be is told', () => {
  it.each<[unknown, string, string]>([
    [12, '', 'must be an object, not a number'],
    [null, '', 'must be an object, not null'],
    [{ measures: {} }, '/device', 'is missing: a text is needed'],
    [{ ...reading, device: '' }, '/device', 'must not be empty'],
    [{ ...reading, device: 'x'.repeat(129) }, '/device', 'must have 128 characters or less'],
    [{ ...reading, device: true }, '/device', 'must be a text, not true'],
    [{ ...reading, seq: -1 }, '/seq', 'must be 0 or more'],
    [{ ...reading, seq: 1.5 }, '/seq', 'must be a whole number'],
    [{ ...reading, measures: [] }, '/measures', 'must be an object, not an array'],
    [{ ...reading, measures: { speed: '64' } }, '/measures/speed', 'must be a number, not a text'],
    [{ ...reading, location: { type: 'P', coordinates: [0, 0] } }, '/location/type', 'must be "Point"'],
    [
      { ...reading, location: { type: 'Point', coordinates: [0] } },
      '/location/coordinates',
      'must have 2 items or more',
    ],
    [
      { ...reading, location: { type: 'Point', coordinates: [181, 0] } },
      '/location/coordinates/0',
      'must be 180 or less',
    ],
    [{ ...reading, colour: 1 }, '/colour', 'is not a known field'],
  ])('%j: %s %s', (value, path, message) => {
    expect(faults(value)).toContainEqual({ path, message })
  })

  it('which units there are', () => {
    const units = (measure: string, code: string) =>
      toCanonical({ measures: { [measure]: 1 }, units: { [measure]: code } } as never)
    expect(units('speed', 'MPH')).toEqual([
      {
        path: '/units/speed',
        message: '"MPH" is not a known UN/CEFACT unit code; for speed there are KMH, HM, MTS, KNT',
      },
    ])
    expect(units('speed', 'CEL')).toEqual([
      { path: '/units/speed', message: 'CEL is no unit of speed; for that there are KMH, HM, MTS, KNT' },
    ])
    expect(units('mood', 'X')).toMatchObject([{ message: expect.stringMatching(/; there are 2N, A97, .*WTT$/) }])
  })
})

describe('toCanonical', () => {
  it('converts and keeps the original', () => {
    expect(toCanonical(reading)).toEqual({
      measures: { speed: 64.37376, count: 12, occupancy: 0.08 },
      quality: { flags: [], confidence: 1 },
      original: { speed: { value: 40, unit: 'HM' } },
    })
  })

  it('keeps no original where nothing was converted', () => {
    expect(toCanonical({ measures: { speed: 50 }, units: { speed: 'KMH' } })).not.toHaveProperty('original')
  })

  it('keeps an unknown quantity uninterpreted', () => {
    expect(toCanonical({ measures: { mood: 7, constructor: 1 }, units: { mood: 'CEL' } })).toEqual({
      measures: { mood: 7, constructor: 1 },
      quality: { flags: [], confidence: 1 },
      original: { mood: { value: 7, unit: 'CEL' } },
    })
  })

  it('keeps and flags what is physically impossible', () => {
    expect(toCanonical({ measures: { speed: -5, count: 3 } })).toEqual({
      measures: { speed: -5, count: 3 },
      quality: { flags: ['range:speed'], confidence: 0.5 },
    })
    expect(toCanonical({ measures: { occupancy: 8 } })).toMatchObject({ quality: { flags: ['range:occupancy'] } })
  })

  it.each([
    ['an unknown unit', { measures: { speed: 1 }, units: { speed: 'MPH' } }, '/units/speed'],
    ['an unknown unit of an unknown quantity', { measures: { mood: 1 }, units: { mood: 'X' } }, '/units/mood'],
    ['a unit of another dimension', { measures: { speed: 1 }, units: { speed: 'CEL' } }, '/units/speed'],
    ['a unit without a measure', { measures: { speed: 1 }, units: { count: 'C62' } }, '/units/count'],
    ['no measure', { measures: {} }, '/measures'],
    ['a name that is none', { measures: { 'a b': 1 } }, '/measures/a b'],
    [
      'a conversion beyond a double',
      { measures: { pressure: 1e308 }, units: { pressure: 'BAR' } },
      '/measures/pressure',
    ],
    ['too many', { measures: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`m${i}`, 1])) }, '/measures'],
  ])('refuses %s', (_name, sent, path) => {
    expect(toCanonical(sent as never)).toMatchObject([{ path }])
  })
})
