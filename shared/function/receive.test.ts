import { describe, expect, it } from '@jest/globals'
import { decodeEvent, decodeForeign } from './receive.ts'

const LONG_NUMBER = '{"speed":50,"meta":[{"mac":9007199254740993}]}'
const long = 'k'.repeat(5000)
const reading = (rest: string) =>
  `{"device":"a","observedAt":"2026-03-01T08:00:00.000Z","receivedAt":"2026-03-01T08:00:00.000Z","quality":{"flags":[],"confidence":1},${rest}}`
const refusal = (body: string): string => {
  try {
    decodeEvent({ topic: 'readings', id: 'a', source: '/s', type: 'raw', body: Buffer.from(body) })
    return 'taken'
  } catch (error) {
    return (error as Error).message
  }
}

describe('what an event is refused with', () => {
  it('says where and what', () => {
    expect(refusal('{"device":""}')).toMatch(/^device: /)
  })

  it.each([
    ['foreign', decodeForeign],
    ['of its own', decodeEvent],
  ])('says at which place JSON of a topic that is %s has what it may not', (_name, decode) => {
    const received = { topic: 'readings', id: 'a', source: '/s', type: 'raw', body: Buffer.from(LONG_NUMBER) }
    expect(() => decode(received)).toThrow(
      'readings: /meta/0/mac has an unsafe integer (beyond 2^53 - 1); send it as text (at byte 27)',
    )
  })

  it.each([
    ['a key nobody knows', reading(`"measures":{},"${long}":1`)],
    ['keys that lead to what JSON may not have', `{"${long}":{"${long}":9007199254740993}}`],
    ['a key that leads to the fault', reading(`"measures":{"${long}":"x"}`)],
  ])('echoes no more than 64 characters of %s', (_, body) => {
    const message = refusal(body)
    expect(message).not.toBe('taken')
    expect(message).not.toContain('k'.repeat(65))
  })
})
