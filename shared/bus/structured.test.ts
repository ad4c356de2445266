import { describe, expect, it } from '@jest/globals'
import { readStructured } from './structured.ts'

const STRUCTURED = 'application/cloudevents+json; charset=utf-8'
const event = { specversion: '1.0', id: 'a-1', source: '/shop', type: 'org.example.sale' }
const read = (value: unknown) => {
  const found = readStructured(STRUCTURED, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
  return found && { ...found, data: Buffer.from(found.data).toString() }
}

describe('a CloudEvent in structured mode', () => {
  it('is its attributes as text and the JSON of its data', () => {
    const given = {
      ...event,
      time: '2024-11-11T10:00:00Z',
      datacontenttype: 'application/json',
      partitionkey: 'Straße 9',
      sequence: 7,
      urgent: false,
      nothing: null,
      'not-a-name': 'x',
      data: { vehicle_count: 12, road: 'é' },
    }
    expect(read(given)).toEqual({
      attributes: {
        id: 'a-1',
        source: '/shop',
        type: 'org.example.sale',
        time: '2024-11-11T10:00:00Z',
        partitionkey: 'Straße 9',
        sequence: '7',
        urgent: 'false',
      },
      data: '{"vehicle_count":12,"road":"é"}',
    })
  })

  it.each([
    ['null, which is JSON', { data: null }, 'null'],
    ['JSON text, where no type says otherwise', { data: 'twelve' }, '"twelve"'],
    ['text of another type', { datacontenttype: 'text/csv', data: 'a,b' }, 'a,b'],
    ['text of a JSON type of its own', { datacontenttype: 'application/geo+json', data: 'x' }, '"x"'],
    ['bytes', { data_base64: 'eyJuIjoxfQ==' }, '{"n":1}'],
    ['nothing', {}, ''],
  ])('may hold %s', (_what, given, data) => {
    expect(read({ ...event, ...given })?.data).toBe(data)
  })

  it.each([
    ['what is no JSON', '{"specversion":"1.0",'],
    ['no object', [event]],
    ['null', 'null'],
    ['another version', { ...event, specversion: '0.3' }],
    ['no id', { ...event, id: undefined }],
    ['an empty id', { ...event, id: '' }],
    ['an id beyond 1,024 characters', { ...event, id: 'x'.repeat(1025) }],
    ['no source', { ...event, source: undefined }],
    ['no type', { ...event, type: undefined }],
    [
      'data with an integer that no double holds',
      '{"specversion":"1.0","id":"1","source":"s","type":"t","data":9007199254740993}',
    ],
  ])('is not %s', (_what, given) => {
    expect(read(given)).toBeUndefined()
  })

  it.each([[undefined], ['application/json']])('is not what has the content type %s', (contentType) => {
    expect(readStructured(contentType, Buffer.from(JSON.stringify(event)))).toBeUndefined()
  })
})
