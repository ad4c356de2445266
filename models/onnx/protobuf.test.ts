import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bytesField, joined, numberField, readFields } from './protobuf.ts'

const read = (...bytes: number[]) => [...readFields(Uint8Array.from(bytes))]

describe('the wire format', () => {
  it('is that of Protocol Buffers', () => {
    // The examples of its documentation: 150 as field 1, and "testing" as field 2.
    expect([...numberField(1, 150)]).toEqual([0x08, 0x96, 0x01])
    expect([...bytesField(2, 'testing')]).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
    expect(read(0x08, 0x96, 0x01)).toEqual([{ number: 1, wire: 0, value: 150 }])
    expect(read(0x15, 0x00, 0x00, 0x80, 0x3f)).toEqual([{ number: 2, wire: 5, value: 1 }])
    expect(read(0xa2, 0x01, 0x01, 0xff)).toEqual([{ number: 20, wire: 2, value: Uint8Array.of(0xff) }])
  })

  it('is read back as it was written, also beyond 32 bits', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 2 ** 29 - 1 }), fc.maxSafeNat())), (fields) => {
        const bytes = joined(...fields.map(([number, value]) => numberField(number, value)))
        expect([...readFields(bytes)]).toEqual(fields.map(([number, value]) => ({ number, wire: 0, value })))
      }),
    )
  })

  it.each([
    ['cut in a number', [0x08, 0x96], 'ends within a field'],
    ['cut in its bytes', [0x12, 0x07, 0x74], 'ends within a field'],
    ['with a length that says 4 GB', [0x12, 0xff, 0xff, 0xff, 0xff, 0x0f], 'ends within a field'],
    ['with a number of eleven bytes', [0x08, ...Array(10).fill(0xff), 0x01], 'more than ten bytes'],
    ['with a negative number', [0x08, ...Array(9).fill(0xff), 0x01], 'beyond 2^53'],
    ['with the field 0', [0x00, 0x01], 'no field has the number 0'],
    ['with a group', [0x0b], 'unknown type 3'],
  ])('is refused %s', (_what, bytes, message) => {
    expect(() => read(...bytes)).toThrow(message)
  })
})
