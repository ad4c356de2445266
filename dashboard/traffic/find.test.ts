import { expect, it } from '@jest/globals'
import { findSegments } from './find.ts'
import { segmentsOf } from './fixture.ts'

const segments = segmentsOf(
  { segment: 'r-2', name: 'Ring South' },
  { segment: 'r-1', name: 'Ring North' },
  { segment: 's-1', name: 'Spring Lane' },
  { segment: 'o-1', name: 'Old Ring Road' },
  { segment: 'loop-77', name: null },
  { segment: 'm-1', name: 'Müllergasse' },
)
const found = (query: string) => findSegments(segments, query).map(({ segment }) => segment)

it.each([
  ['ring', ['r-1', 'r-2', 'o-1', 's-1']],
  ['  RING  sou', ['r-2']],
  ['r-1', ['r-1']],
  ['77', ['loop-77']],
  ['muller', ['m-1']],
  ['   ', []],
  ['nowhere', []],
])('%j finds %j', (query, ids) => {
  expect(found(query)).toEqual(ids)
})

it('gives no more than fit below the field', () => {
  const many = segmentsOf(...Array.from({ length: 20 }, (_, i) => ({ segment: `ring-${i}` })))
  expect(findSegments(many, 'ring')).toHaveLength(8)
})
