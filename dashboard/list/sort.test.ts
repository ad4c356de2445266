import { expect, it } from '@jest/globals'
import type { ForecastSource } from '#shared/contracts/forecast.ts'
import { pointOf } from '../forecast/fixture.ts'
import { statusOf } from '../traffic/fixture.ts'
import { type Row, sorted } from './sort.ts'

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
  const rows = statuses.map((status): Row => ({ status, expected: undefined, nowKmh: null }))
  expect(sorted(rows, { column, down }).map(({ status }) => status.segment)).toEqual([...order])
})

const ahead = (
  segment: string,
  source: ForecastSource,
  p10Kmh: number | null,
  p90Kmh: number | null,
  nowKmh: number,
) => ({
  status: statusOf({ segment }),
  expected: { source, point: pointOf({ p10Kmh, p90Kmh }) },
  nowKmh,
})

it.each([
  ['range', false, 'bacd'],
  ['range', true, 'abcd'],
  ['now', false, 'cbad'],
  ['source', false, 'bacd'],
  ['source', true, 'cabd'],
] as const)('of a forecast by %s, greatest first: %s, gives %s', (column, down, order) => {
  const rows: Row[] = [
    ahead('a', 'profile', 20, 40, 30),
    ahead('b', 'model', 20, 30, 20),
    ahead('c', 'persistence', null, null, 10),
    { status: statusOf({ segment: 'd' }), expected: undefined, nowKmh: null },
  ]
  expect(sorted(rows, { column, down }).map(({ status }) => status.segment)).toEqual([...order])
})
