import { describe, expect, it } from '@jest/globals'
import { readMappings } from './mapping.ts'

const TRAFFIC = { device: '/sensor', observedAt: '/timestamp', measures: { count: '/vehicle_count' } }

describe('mappings', () => {
  it('are read by topic', () => {
    const full = {
      ...{ device: '/s/id', observedAt: '/t', epoch: 'seconds', seq: '/n', measures: { speed: '/v/0', 'x.y': '' } },
      ...{ location: { longitude: '/lon', latitude: '/a~1b~0c' }, units: { speed: 'HM' } },
    }
    const mappings = readMappings(JSON.stringify({ 'traffic-data': TRAFFIC, full }))
    expect([...mappings]).toEqual([
      ['traffic-data', TRAFFIC],
      ['full', full],
    ])
    expect(readMappings('{}').size).toBe(0)
  })

  it.each([
    ['no JSON', '{', 'it is not JSON: '],
    ['no object', '[]', 'it must be an object, not an array'],
    ['a missing key', { t: { observedAt: '/t', measures: { count: '/n' } } }, 't.device is missing: a text is needed'],
    ['an unknown key', { t: { ...TRAFFIC, devcie: '/s' } }, 't Unrecognized key: "devcie"'],
    ['no pointer', { t: { ...TRAFFIC, device: 'sensor' } }, 't.device must be a JSON Pointer, like /timestamp'],
    ['a wrong escape', { t: { ...TRAFFIC, device: '/a~2' } }, 't.device must be a JSON Pointer, like /timestamp'],
    ['no measure', { t: { ...TRAFFIC, measures: {} } }, 't.measures holds no measure: give at least one'],
    ['a wrong epoch', { t: { ...TRAFFIC, epoch: 's' } }, 't.epoch must be "seconds" or "milliseconds"'],
    ['an unknown unit', { t: { ...TRAFFIC, units: { count: 'x' } } }, 't.units.count "x" is not a known UN/CEFACT'],
    [
      'a unit of nothing',
      { t: { ...TRAFFIC, units: { speed: 'HM' } } },
      't.units.speed names a unit without a measure',
    ],
    ['half a place', { t: { ...TRAFFIC, location: { latitude: '/y' } } }, 't.location.longitude is missing: a text is'],
    ['a topic of ours', { readings: TRAFFIC }, "readings is a topic of Junction's own, which wants no mapping"],
    ['no topic name', { 'a b': TRAFFIC }, 'a b is not a topic name'],
  ])('with %s are refused, and what is wrong is named', (_name, value, message) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    expect(() => readMappings(text)).toThrow(message)
  })
})
