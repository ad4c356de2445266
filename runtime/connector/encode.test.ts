import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { LogEvent } from '#shared/bus/port.ts'
import { childTrace, encodeBinary, encodeSlice, headerValue } from './encode.ts'

const event = (more: Partial<LogEvent> = {}): LogEvent => ({
  topic: 'readings',
  partition: 3,
  offset: 1041n,
  key: 'loop-1',
  id: 'loop-1@2012-03-01T08:00:00.000Z',
  type: 'city.junction.readings.v1',
  attributes: { source: '/ingest' },
  data: Buffer.from('{"n":1}'),
  ...more,
})

describe('a slice', () => {
  it('is a JSON array whose sizes cut it exactly', () => {
    const { body, sizes, count } = encodeSlice([event(), event({ offset: 1042n, data: Buffer.from('2') })], 1 << 20)
    expect(count).toBe(2)
    expect(sizes).toBe('198:7,198:1')
    expect(JSON.parse(body.toString())).toEqual([
      {
        specversion: '1.0',
        id: 'loop-1@2012-03-01T08:00:00.000Z',
        type: 'city.junction.readings.v1',
        source: '/ingest',
        partitionkey: 'loop-1',
        offset: '1041',
        datacontenttype: 'application/json',
        data: { n: 1 },
      },
      expect.objectContaining({ offset: '1042', data: 2 }),
    ])
  })

  it('leaves what does not fit, but never the first event', () => {
    const large = event({ data: Buffer.alloc(1000, 0x31) })
    expect(encodeSlice([large, large, large], 2500).count).toBe(2)
    expect(encodeSlice([large, large], 10).count).toBe(1)
  })

  it('lets no stored attribute pose as one of the envelope', () => {
    const { body } = encodeSlice(
      [event({ attributes: { source: 's', data: 'x', id: 'y', offset: '1', 'a"b': 'z' } })],
      1e6,
    )
    expect(body.toString()).toMatch(
      /^\[\{"specversion":"1.0","id":"loop-1@2012-03-01T08:00:00.000Z","type":"[^"]+","source":"s","partitionkey":"loop-1","offset":"1041","datacontenttype":"application\/json","data":\{"n":1\}\}\]$/,
    )
  })

  it('can be cut by its sizes whatever its data and attributes are', () => {
    const anyEvent = fc.record({
      id: fc.string({ unit: 'binary' }),
      key: fc.string({ unit: 'binary' }),
      subject: fc.string({ unit: 'binary' }),
      data: fc.uint8Array({ maxLength: 40 }),
    })
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 5 }), (given) => {
        const events = given.map(({ subject, ...rest }) => event({ ...rest, attributes: { source: 's', subject } }))
        const { body, sizes } = encodeSlice(events, 1e9)
        let at = 1
        for (const [i, size] of sizes.split(',').entries()) {
          const [head = 0, data = 0] = size.split(':').map(Number)
          const attributes = JSON.parse(`${body.subarray(at, at + head)}null}`)
          expect(attributes.partitionkey).toBe(events[i]?.key.toWellFormed())
          expect(body.subarray(at + head, at + head + data)).toEqual(Buffer.from(events[i]?.data ?? []))
          at += head + data + 2
        }
        expect(at).toBe(body.length)
      }),
    )
  })
})

describe('a binary event', () => {
  it('carries its attributes as headers', () => {
    const { headers, body } = encodeBinary(event({ attributes: { source: '/ingest', subject: 'a b' } }))
    expect(headers).toEqual({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'loop-1@2012-03-01T08:00:00.000Z',
      'ce-type': 'city.junction.readings.v1',
      'ce-partitionkey': 'loop-1',
      'ce-source': '/ingest',
      'ce-subject': 'a%20b',
    })
    expect(body.toString()).toBe('{"n":1}')
  })

  it('has header values of printable ASCII only', () => {
    expect(headerValue('ü\r\n"%')).toBe('%C3%BC%0D%0A%22%25')
  })
})

it('a trace goes on below its parent, or begins', () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
  expect(childTrace(parent)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-00$/)
  expect(childTrace('nonsense')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
})
