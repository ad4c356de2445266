import { describe, expect, it } from '@jest/globals'
import { decodeEvent } from './receive.ts'

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
    ['a key nobody knows', reading(`"measures":{},"${long}":1`)],
    ['a key that leads to the fault', reading(`"measures":{"${long}":"x"}`)],
  ])('echoes no more than 64 characters of %s', (_, body) => {
    const message = refusal(body)
    expect(message).not.toBe('taken')
    expect(message).not.toContain('k'.repeat(65))
  })
})
