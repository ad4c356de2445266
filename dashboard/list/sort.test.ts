import { expect, it } from '@jest/globals'
import { statusOf } from '../traffic/fixture.ts'
import { sorted } from './sort.ts'

const statuses = [
  statusOf({ segment: 'b', name: 'Élan', level: 'slow', ratio: 0.5, speedKmh: 25 }),
  statusOf({ segment: 'a', name: 'Zoo', speedKmh: 50 }),
  statusOf({ segment: 'd', name: 'Fair', level: 'unknown', speedKmh: null, ratio: null, windowStart: null }),
  statusOf({ segment: 'c', name: null, level: 'slow', ratio: 0.4, speedKmh: 25 }),
]

it.each([
  ['level', false, 'cbad'],
  ['level', true, 'dabc'],
  ['name', false, 'cbda'],
  ['name', true, 'adbc'],
  ['speed', false, 'bcad'],
  ['speed', true, 'abcd'],
  ['window', true, 'abcd'],
] as const)('by %s, greatest first: %s, gives %s', (column, down, order) => {
  expect(sorted(statuses, { column, down }).map(({ segment }) => segment)).toEqual([...order])
})
