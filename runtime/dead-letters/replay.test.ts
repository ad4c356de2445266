import { describe, expect, it } from '@jest/globals'
import { cloudEventOf } from './replay.ts'
import type { WholeDeadLetter } from './rows.ts'

const letter = (more: Partial<WholeDeadLetter>): WholeDeadLetter => ({
  id: '00000000-0000-4000-8000-000000000001',
  consumer: 'detect-congestion',
  topic: 'readings',
  partition: 0,
  offset: '7',
  eventId: 'loop-7@2012-03-01T08:00:00.000Z',
  part: null,
  reason: 'attempts_exhausted',
  errorClass: 'unexpected',
  error: 'x',
  attempts: 3,
  firstSeen: new Date(0),
  lastSeen: new Date(0),
  replays: 0,
  resolution: null,
  functionVersion: null,
  traceId: null,
  headers: { source: '/function/ingest', type: 'city.junction.readings.v1' },
  body: Buffer.from('{"device":"loop-7","n":1.50}'),
  ...more,
})

describe('cloudEventOf', () => {
  it('keeps id, source and type, and the data byte by byte', () => {
    const text = cloudEventOf(letter({}))
    expect(text).toContain('"data":{"device":"loop-7","n":1.50}}')
    expect(JSON.parse(text)).toEqual({
      specversion: '1.0',
      id: 'loop-7@2012-03-01T08:00:00.000Z',
      source: '/function/ingest',
      type: 'city.junction.readings.v1',
      datacontenttype: 'application/json',
      data: { device: 'loop-7', n: 1.5 },
    })
  })

  it('names the part, and what is no JSON goes as base64', () => {
    const event = JSON.parse(cloudEventOf(letter({ part: 'line=17', headers: {}, body: Buffer.from([0xff, 0x7b]) })))
    expect(event).toMatchObject({
      junctionpart: 'line=17',
      source: '/topic/readings',
      type: 'city.junction.readings.v1',
      data_base64: '/3s=',
    })
  })

  it('names a foreign topic, whose messages have no type of their own', () => {
    const headers = { source: '/topics/traffic-data', type: 'raw' }
    const event = JSON.parse(cloudEventOf(letter({ topic: 'traffic-data', headers })))
    expect(event).toMatchObject({ junctiontopic: 'traffic-data', type: 'raw' })
  })
})
