import { describe, expect, it } from '@jest/globals'
import { readMappings } from '#shared/contracts/mapping.ts'
import definition from './handler.ts'

const NOW = '2024-11-11T10:00:30.000Z'
const DAY = 86_400_000
const settings = {
  ...{ windowMs: 300_000, lateAfterMs: 900_000, silentAfterMs: 900_000 },
  ...{ acceptPastMs: 30 * DAY, acceptFutureMs: 300_000 },
  mappings: readMappings(`{
    "traffic-data": { "device": "/sensor", "observedAt": "/timestamp", "measures": { "count": "/vehicle_count" } },
    "loops": {
      "device": "/loop/id", "observedAt": "/at", "epoch": "seconds", "seq": "/n",
      "location": { "longitude": "/lon", "latitude": "/lat" },
      "measures": { "speed": "/values/0", "count": "/values/1" }, "units": { "speed": "HM" }
    },
    "ms": { "device": "/d", "observedAt": "/t", "epoch": "milliseconds", "measures": { "speed": "/v" } }
  }`),
}
const COUNTED = { vehicle_count: 12, timestamp: '2024-11-11T10:00:00Z', sensor: 's1' }
const LOOP = { loop: { id: 17 }, at: 1731319200.25, n: 3, lon: 16.7, lat: 48.2, values: [40, 9] }

const map = async (topic: string, data: unknown, time?: string, now = NOW) => {
  const message = { topic, id: 'c/t/0/0', source: `/topics/${topic}`, type: 'raw', data, ...(time && { time }) }
  return definition.map?.(message, { settings, now: new Date(now) })[0]?.data
}

describe('a message of a mapped topic', () => {
  it('becomes a reading', async () => {
    expect(await map('traffic-data', COUNTED)).toEqual({
      device: 's1',
      observedAt: '2024-11-11T10:00:00.000Z',
      measures: { count: 12 },
      receivedAt: NOW,
      quality: { flags: [], confidence: 1 },
    })
  })

  it('may have its fields deep inside, numbered sensors, seconds since 1970, a place and other units', async () => {
    expect(await map('loops', LOOP)).toEqual({
      device: '17',
      observedAt: '2024-11-11T10:00:00.250Z',
      seq: 3,
      location: { type: 'Point', coordinates: [16.7, 48.2] },
      measures: { speed: 64.37376, count: 9 },
      original: { speed: { value: 40, unit: 'HM' } },
      receivedAt: NOW,
      quality: { flags: [], confidence: 1 },
    })
  })

  it('may do without a seq and a place, and give milliseconds', async () => {
    const { n: _, lon: __, lat: ___, ...bare } = LOOP
    expect(await map('loops', bare)).not.toHaveProperty('seq')
    expect(await map('loops', bare)).not.toHaveProperty('location')
    expect(await map('ms', { d: 'a', t: 1731319200250, v: 50 })).toMatchObject({
      observedAt: '2024-11-11T10:00:00.250Z',
    })
  })

  it.each([
    ['null', { ...LOOP, n: null, lon: null, lat: null, values: [null, 9] }],
    ['missing', { loop: LOOP.loop, at: LOOP.at, values: { 1: 9 } }],
  ])('goes without a measure, a seq and a place that are %s', async (_name, message) => {
    expect(await map('loops', message)).toEqual({
      device: '17',
      observedAt: '2024-11-11T10:00:00.250Z',
      measures: { count: 9 },
      receivedAt: NOW,
      quality: { flags: [], confidence: 1 },
    })
  })

  it.each([
    ['when its message says', '2024-11-11T10:00:01.000Z', '2024-11-12T10:00:00.000Z', '2024-11-11T10:00:01.000Z'],
    ['now, by a message of the future', '2026-01-01T00:00:00.000Z', NOW, NOW],
    ['when it was observed, by a clock that is slow', '2024-11-11T09:00:00.000Z', NOW, '2024-11-11T10:00:00.000Z'],
    ['when it was observed, by a clock of another year', '2001-01-01T00:00:00.000Z', NOW, '2024-11-11T10:00:00.000Z'],
    [
      'now, where it is observed by a fast clock',
      '2024-11-11T09:00:00Z',
      '2024-11-11T09:58:00.000Z',
      '2024-11-11T09:58:00.000Z',
    ],
    ['now, by a message that does not say', undefined, NOW, NOW],
    ['now, by a message that says no time', 'noon', NOW, NOW],
  ])('counts as received %s', async (_name, time, now, receivedAt) => {
    expect(await map('traffic-data', COUNTED, time, now)).toMatchObject({ receivedAt })
  })

  it('is refused by city time alone, whatever its message says', async () => {
    await expect(map('traffic-data', COUNTED, '2024-11-11T10:00:00Z', '2024-11-11T09:54:00.000Z')).rejects.toThrow(
      'is more than 5m (ACCEPT_FUTURE) after city time, 2024-11-11T09:54:00.000Z; set the clock of the device',
    )
    await expect(map('traffic-data', COUNTED, '2024-11-11T10:00:00Z', '2024-12-12T10:00:00.000Z')).rejects.toThrow(
      'before city time, 2024-12-12T10:00:00.000Z',
    )
  })

  const late = { ...COUNTED, timestamp: '2024-10-01T00:00:00Z' }
  it.each([
    [
      'a missing field',
      'traffic-data',
      { ...COUNTED, vehicle_count: undefined },
      'validation',
      /^traffic-data: \/vehicle_count \(measures\/count\) is missing: a number is needed$/,
    ],
    [
      'a text',
      'traffic-data',
      { ...COUNTED, vehicle_count: 'many' },
      'validation',
      /^traffic-data: \/vehicle_count \(measures\/count\), "many", must be a number, not a text$/,
    ],
    [
      'null',
      'traffic-data',
      { ...COUNTED, sensor: null },
      'validation',
      /^traffic-data: \/sensor \(device\) must be a text, not null$/,
    ],
    [
      'no zone',
      'traffic-data',
      { ...COUNTED, timestamp: '2024-11-11T10:00:00' },
      'validation',
      /^traffic-data: \/timestamp \(observedAt\), "2024-11-11T10:00:00", is not a date and time with a zone/,
    ],
    [
      'a bare number for a time',
      'traffic-data',
      { ...COUNTED, timestamp: 1731319200 },
      'validation',
      /"1731319200", must be a text, not a number; .* the mapping says so in epoch$/,
    ],
    [
      'a time long ago',
      'traffic-data',
      late,
      'time_out_of_range',
      /^traffic-data: \/timestamp \(observedAt\), "2024-10-01T00:00:00Z", is more than 30d \(ACCEPT_PAST\) before city time, 2024-11-11T10:00:30\.000Z; ACCEPT_PAST says/,
    ],
    [
      'seconds long ago',
      'loops',
      { ...LOOP, at: 1700000000 },
      'time_out_of_range',
      /^loops: \/at \(observedAt\), "1700000000", is more than 30d/,
    ],
    [
      'no measure at all',
      'loops',
      { ...LOOP, values: [null] },
      'validation',
      /^loops: \/values\/0 \(measures\/speed\) must be a number, not null; loops: \/values\/1 \(measures\/count\) is missing/,
    ],
    [
      'half a place',
      'loops',
      { ...LOOP, lat: undefined },
      'validation',
      /^loops: \/lat \(location\/coordinates\/1\) is missing/,
    ],
    [
      'no object',
      'traffic-data',
      12,
      'validation',
      /^traffic-data: \/sensor \(device\) is missing: a text is needed; traffic-data: \/timestamp/,
    ],
    [
      'an empty name',
      'traffic-data',
      { ...COUNTED, sensor: '' },
      'validation',
      /^traffic-data: \/sensor \(device\), "", must not be empty$/,
    ],
    [
      'what all objects have',
      'traffic-data',
      JSON.parse('{"__proto__":{"sensor":"s1"}}'),
      'validation',
      /^traffic-data: \/sensor \(device\) is missing/,
    ],
  ])('with %s is refused for good, in words', async (_name, topic, data, reason, message) => {
    await expect(map(topic, data)).rejects.toMatchObject({
      name: 'PermanentError',
      reason,
      message: expect.stringMatching(message),
    })
  })

  const NEEDED = 'must be a number of seconds since 1970'
  it.each([
    [
      'milliseconds',
      1731319200250,
      `, "1731319200250", ${NEEDED}; it looks like milliseconds, which the mapping says in epoch`,
    ],
    ['a time beyond all', 1e300, `, "1e+300", ${NEEDED}`],
    ['a time before 1970', -5, `, "-5", ${NEEDED}`],
    ['a text with a zone', '2024-11-11T10:00:00Z', `, "2024-11-11T10:00:00Z", ${NEEDED}, not a text`],
    ['null', null, ` ${NEEDED}, not null`],
    ['nothing', undefined, ' is missing: a number of seconds since 1970 is needed'],
  ])('with %s for seconds is refused for good, in words of its own', async (_name, at, words) => {
    await expect(map('loops', { ...LOOP, at })).rejects.toMatchObject({
      ...{ name: 'PermanentError', reason: 'validation' },
      message: `loops: /at (observedAt)${words}`,
    })
  })

  it('is not refused where nobody mapped its topic: that is a fault of the configuration', async () => {
    await expect(map('others', COUNTED)).rejects.toMatchObject({
      code: 'configuration',
      message: 'MAPPINGS has no mapping of the topic others: add one in stack.yml',
    })
  })
})
