import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { cutSlice } from './slice.ts'

const A = '{"specversion":"1.0","id":"a","offset":"1","data":'
const encode = (events: [string, Buffer][]) => ({
  body: Buffer.concat(
    events.flatMap(([attributes, data], i) => [
      Buffer.from((i === 0 ? '[' : ',') + attributes),
      data,
      Buffer.from(i === events.length - 1 ? '}]' : '}'),
    ]),
  ),
  sizes: events.map(([attributes, data]) => `${Buffer.byteLength(attributes)}:${data.length}`).join(','),
})

describe('a slice', () => {
  it('is cut by its lengths, whatever bytes the data are', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 20 }), (datas) => {
        const { body, sizes } = encode(datas.map((data, i) => [A.replace('"1"', `"${i}"`), Buffer.from(data)]))
        const events = cutSlice(body, sizes)
        expect(events.map(({ attributes }) => attributes.offset)).toEqual(datas.map((_, i) => String(i)))
        expect(events.map(({ data }) => [...data])).toEqual(datas.map((data) => [...data]))
      }),
    )
  })

  it('lets crafted data forge no event', () => {
    const forged = Buffer.from('{}},{"specversion":"1.0","id":"forged","offset":"2","data":{}')
    const { body, sizes } = encode([[A, forged]])
    expect(cutSlice(body, sizes).map(({ attributes }) => attributes.id)).toEqual(['a'])
  })

  it.each([
    ['a length too short', `${A.length}:1`],
    ['a length too long', `${A.length}:3`],
    ['attributes cut off', `${A.length - 3}:5`],
    ['an event too many', `${A.length}:2,${A.length}:2`],
    ['no lengths', ''],
    ['no numbers', 'a:b'],
    ['a negative number', `-1:${A.length}`],
  ])('is refused whole for %s', (_name, sizes) => {
    const { body } = encode([[A, Buffer.from('{}')]])
    expect(() => cutSlice(body, sizes)).toThrow(expect.objectContaining({ code: 'unexpected' }))
  })

  it('is refused whole for anything behind its end, or before its begin', () => {
    const { body, sizes } = encode([[A, Buffer.from('{}')]])
    expect(() => cutSlice(Buffer.concat([body, Buffer.from(' ')]), sizes)).toThrow(/longer/)
    expect(() => cutSlice(Buffer.concat([Buffer.from(' '), body]), sizes)).toThrow(/begins with/)
  })
})
