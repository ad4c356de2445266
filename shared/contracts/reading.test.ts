import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { AcceptedReading, AcceptedReadingSchema, isAcceptedReading, readingId } from './reading.ts'

const reading = {
  device: 'loop-1',
  observedAt: '2012-03-01T08:00:00.000Z',
  seq: 17,
  location: { type: 'Point', coordinates: [-118.3, 34.1] },
  measures: { speed: 64.4 },
  receivedAt: '2012-03-01T08:00:01.000Z',
  quality: { flags: ['range:speed'], confidence: 0.5 },
  original: { speed: { value: 40, unit: 'HM' } },
}

/** Values that are wrong somewhere in a reading, or right elsewhere. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    ...[undefined, null, true, '', 'x', 'x'.repeat(129), 0, -1, 1.5, 91, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY],
    ...[[], {}, [1, 2], [1, 91], [0, 0, 0], ['x'], { speed: '1' }, { speed: { value: 1 } }, { a: 1 }],
    ...['2012-03-01T08:00:00Z', '2026-02-30T00:00:00.000Z', '2024-02-29T00:00:00.000Z', 'Point', Object.create(null)],
  ),
  fc.jsonValue({ maxDepth: 2 }),
)
const places = [
  ...['device', 'observedAt', 'seq', 'location', 'measures', 'receivedAt', 'quality', 'original', 'extra'].map((a) => [
    a,
  ]),
  ...[
    ['location', 'type'],
    ['location', 'coordinates'],
    ['location', 'extra'],
    ['measures', 'speed'],
  ],
  ...[
    ['quality', 'flags'],
    ['quality', 'confidence'],
    ['quality', 'extra'],
    ['original', 'speed'],
  ],
]

const change = (path: string[], value: unknown, remove: boolean): unknown => {
  const copy = structuredClone(reading) as Record<string, unknown>
  const target = (path.length === 1 ? copy : copy[path[0] as string]) as Record<string, unknown>
  const name = path.at(-1) as string
  if (remove) delete target[name]
  else target[name] = value
  return copy
}

describe('AcceptedReading', () => {
  it('takes the documented form, with and without what is optional', () => {
    const { seq: _s, location: _l, original: _o, ...least } = reading
    expect(AcceptedReading.safeParse(reading)).toEqual({ success: true, data: reading })
    expect(AcceptedReading.safeParse(least)).toEqual({ success: true, data: least })
  })

  it('says where a wrong one is wrong', () => {
    const result = AcceptedReading.safeParse({ ...reading, measures: { speed: 'x' }, observedAt: 'yesterday' })
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual(['observedAt', 'measures.speed'])
  })

  it('is guarded exactly as by its schema', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), odd, fc.boolean(), (path, value, remove) => {
        const changed = change(path, value, remove)
        expect(isAcceptedReading(changed)).toBe(AcceptedReadingSchema.safeParse(changed).success)
      }),
      { numRuns: 3_000 },
    )
  })

  it('has an id that follows from device, instant and sequence', () => {
    expect(readingId({ device: 'a', observedAt: '2012-03-01T08:00:00.000Z' })).toBe('a@2012-03-01T08:00:00.000Z')
    expect(readingId({ device: 'a', observedAt: '2012-03-01T08:00:00.000Z', seq: 0 })).toBe(
      'a@2012-03-01T08:00:00.000Z#0',
    )
  })
})
