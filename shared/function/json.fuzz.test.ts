import { Buffer } from 'node:buffer'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseJson } from './json.ts'

type Outcome = { value: unknown } | { code: unknown }

const outcome = (input: Uint8Array): Outcome => {
  try {
    return { value: parseJson(input) }
  } catch (error) {
    return { code: (error as { code?: unknown }).code }
  }
}

const native = (input: Uint8Array): Outcome => {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(input)) }
  } catch {
    return { code: 'decode' }
  }
}

/** Pieces that, strung together at random, make documents that are nearly right. */
const piece = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '"',
    '\\',
    '\\u0061',
    '\\ud83d',
    '\\ude00',
    '\\u0000',
    '1',
    '-',
    '0.5',
  ],
  ...[
    'e9',
    '9007199254740993',
    'true',
    'null',
    'NaN',
    ' ',
    '\n',
    '"__proto__"',
    '"constructor"',
    '"prototype"',
    'é',
    '😀',
  ],
)

describe('parseJson against random input', () => {
  it('agrees with JSON.parse on every ordinary document', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        const got = outcome(Buffer.from(text))
        if ('value' in got) expect(got.value).toEqual(JSON.parse(text))
        else expect(text).toMatch(/__proto__|constructor|\\u|e\+?\d{3}|\d{16}/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('refuses with a code, or gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const input = Buffer.from(pieces.join(''))
        const got = outcome(input)
        if ('value' in got) expect(got).toEqual(native(input))
        else expect(['decode', 'invalid']).toContain(got.code)
      }),
      { numRuns: 5_000 },
    )
  })

  it('never fails otherwise on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
        const got = outcome(input)
        if ('value' in got) expect(got).toEqual(native(input))
        else expect(['decode', 'invalid']).toContain(got.code)
      }),
      { numRuns: 5_000 },
    )
  })

  it('finds a repeated key wherever it stands', () => {
    const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(keys, fc.nat(), (names, pick) => {
        fc.pre(!names.includes('__proto__'))
        const members = names.map((name) => `${JSON.stringify(name)}:{"x":1}`)
        expect(outcome(Buffer.from(`{${members.join(',')}}`))).toHaveProperty('value')
        const repeated = members[pick % members.length] as string
        expect(outcome(Buffer.from(`{${members.join(',')},${repeated}}`))).toEqual({ code: 'decode' })
      }),
    )
  })
})
