import { describe, expect, it } from '@jest/globals'
import { readQuestion } from './question.ts'

const VALUES = [48, 47.5, 47, null, 45, 41, 38, 33, 30, 28, 26, 25]
const ONE = { segment: 'a', until: '2026-03-02T07:55:00+01:00', values: VALUES }

describe('a question', () => {
  it('names segments or gives series', () => {
    expect(readQuestion({ segments: ['a', 'b'] })).toEqual({ segments: ['a', 'b'] })
    expect(readQuestion({ series: [ONE, { ...ONE, unit: 'HM' }] })).toEqual({ series: [ONE, { ...ONE, unit: 'HM' }] })
  })

  it.each([
    ['nothing', {}, '', 'must hold either segments or series'],
    ['both', { segments: ['a'], series: [ONE] }, '', 'must hold either segments or series'],
    ['a text', 'a', '', 'must be an object, not a text'],
    ['no segment', { segments: [] }, '/segments', 'must have 1 items or more'],
    ['too many segments', { segments: Array(1001).fill('a') }, '/segments', 'must have 1000 items or less'],
    ['too many series', { series: Array(1001).fill(ONE) }, '/series', 'must have 1000 items or less'],
    ['a number for a segment', { segments: [7] }, '/segments/0', 'must be a text, not a number'],
    ['a nameless segment', { segments: [''] }, '/segments/0', 'must not be empty'],
    ['an unknown field', { segments: ['a'], horizon: 5 }, '/horizon', 'is not a known field'],
    [
      'eleven values',
      { series: [{ ...ONE, values: VALUES.slice(1) }] },
      '/series/0/values',
      'must have 12 items or more',
    ],
    [
      'thirteen values',
      { series: [{ ...ONE, values: [...VALUES, 1] }] },
      '/series/0/values',
      'must have 12 items or less',
    ],
    [
      'a speed below nothing',
      { series: [{ ...ONE, values: VALUES.with(3, -1) }] },
      '/series/0/values/3',
      'must be 0 or more',
    ],
    [
      'a text for a value',
      { series: [{ ...ONE, values: [...VALUES.slice(1), '7'] }] },
      '/series/0/values/11',
      'must be a number, not a text',
    ],
    [
      'no zone',
      { series: [{ ...ONE, until: '2026-03-02T07:55:00' }] },
      '/series/0/until',
      'must be an instant with its zone, as 2026-03-02T07:55:00Z',
    ],
  ])('is refused with %s', (_what, value, path, message) => {
    expect(readQuestion(value)).toEqual([{ path, message }])
  })
})
