import { Buffer } from 'node:buffer'
import { describe, expect, it } from '@jest/globals'
import { parseJson } from './json.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

const fault = (input: string | Uint8Array): { code: string; path: string; position?: number; message: string } => {
  try {
    parseJson(typeof input === 'string' ? bytes(input) : input)
  } catch (error) {
    return error as { code: string; path: string; message: string }
  }
  throw new Error('was accepted')
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const wide = (keys: number): string => `{${Array.from({ length: keys }, (_, i) => `"key${i}":${i}`).join(',')}}`

describe('parseJson', () => {
  it('reads ordinary documents', () => {
    const text = '{"a":[1,-2.5e-3,true,null,"é\\n\\u00e9\\ud83d\\ude00😀"],"b":{"a":{},"":[]},"constructor":1} '
    expect(parseJson(bytes(text))).toEqual(JSON.parse(text))
  })

  it.each(['12', '"a"', 'null', ' [ ] '])('reads %j alone', (text) => {
    expect(parseJson(bytes(text))).toEqual(JSON.parse(text))
  })

  it.each([
    ['H01 nothing', ''],
    ['H01 only whitespace', ' \n'],
    ['H02 a truncated document', '{"a":1'],
    ['H02 a truncated string', '{"a":"b'],
    ['H02 trailing garbage', '{"a":1}x'],
    ['H02 two documents', '{"a":1}{"b":2}'],
    ['a comma too many', '[1,]'],
    ['closing without opening', ']'],
    ['H05 depth 65', nested(65)],
    ['H05 depth 1,000,000', '['.repeat(1_000_000)],
    ['H06 1,001 keys', wide(1001)],
    ['H09 a repeated key', '{"a":1,"b":2,"a":3}'],
    ['H09 a key repeated by an escape', '{"a":1,"\\u0061":2}'],
    ['H09 a key repeated behind an object', '{"a":{"b":1},"a":2}'],
    ['H09 a repeated key of a wide object', `${wide(500).slice(0, -1)},"key7":0}`],
    ['H15 a byte order mark', '\ufeff{}'],
    ['a string over 64 KiB', JSON.stringify('x'.repeat(65_537))],
    ['a raw control character', '"\u0001"'],
    ['a key with a broken escape', '{"\\x":1}'],
  ])('refuses %s as decode', (_name, text) => {
    expect(fault(text).code).toBe('decode')
  })

  it.each([
    ['H14 invalid UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['H14 an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['H14 an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['H15 UTF-16 with a mark', Buffer.from('\ufeff{"a":1}', 'utf16le')],
    ['H15 UTF-16 without a mark', Buffer.from('{"a":1}', 'utf16le')],
  ])('refuses %s as decode', (_name, input) => {
    expect(fault(input).code).toBe('decode')
  })

  it.each([
    ['H07 __proto__', '{"a":{"__proto__":{"b":1}}}', '/a/__proto__'],
    ['H07 an escaped __proto__', '{"\\u005f_proto__":1}', '/__proto__'],
    ['H07 __proto__ in a wide object', `${wide(20).slice(0, -1)},"__proto__":0}`, '/__proto__'],
    ['H08 constructor.prototype', '[{"constructor":{"prototype":{"b":1}}}]', '/0/constructor/prototype'],
    ['H08 behind an escape', '{"constructor":{"pro\\u0074otype":1}}', '/constructor/prototype'],
    ['H10 an unsafe integer', '{"a":[0,9007199254740993]}', '/a/1'],
    ['H10 a negative unsafe integer', '-9007199254740993', ''],
    ['H11 1e400', '{"a":1,"b":1e400}', '/b'],
    ['H11 -1E+400', '-1E+400', ''],
    ['H11 309 digits and a fraction', `${'9'.repeat(310)}.0`, ''],
    ['H11 NaN', '{"a":NaN}', '/a'],
    ['H11 -Infinity', '[-Infinity]', '/0'],
    ['H12 U+0000', '["a\\u0000b"]', '/0'],
    ['H12 U+0000 in a key', '{"\\u0000":1}', ''],
    ['H13 a lone high surrogate', '["\\ud800"]', '/0'],
    ['H13 a lone low surrogate', '["\\udc00\\ud800"]', '/0'],
    ['H13 two high surrogates', '["\\ud800\\ud800"]', '/0'],
  ])('refuses %s as invalid and says where', (_name, text, path) => {
    expect(fault(text)).toMatchObject({ code: 'invalid', path })
  })

  it('accepts what is just inside the limits', () => {
    for (const text of [
      nested(64),
      wide(1000),
      '9007199254740991',
      '-9007199254740991',
      '1e308',
      '0.12345678901234567890123',
      JSON.stringify('x'.repeat(65_536)),
      '{"constructor":{"a":{"prototype":1}},"prototype":2}',
      '{"a":{"k":1},"b":{"k":1}}',
      '"\\\\u0000 \\\\ud800"',
    ])
      expect(parseJson(bytes(text))).toEqual(JSON.parse(text))
  })

  it('says at which byte', () => {
    expect(fault('{"a":[0,1,9007199254740993]}')).toMatchObject({ position: 10 })
  })

  it('never shows more than 64 characters of the input', () => {
    expect(fault(`{"a":${'x'.repeat(5000)}`).message.length).toBeLessThan(100)
  })

  it('reads a view into a larger buffer', () => {
    const whole = bytes('xx{"a":1}yy')
    expect(parseJson(whole.subarray(2, 9))).toEqual({ a: 1 })
  })
})
