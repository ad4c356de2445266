import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { byBadness, nameOf } from '../traffic/city.ts'

/** What the list can be sorted by. */
export type Column = 'name' | 'level' | 'speed' | 'freeFlow' | 'share' | 'jam' | 'confidence' | 'window'

/** A column, and whether its greatest stand first. */
export interface Order {
  column: Column
  down: boolean
}

const VALUE: Record<Exclude<Column, 'name' | 'level'>, (status: TrafficStatus) => number | null> = {
  speed: ({ speedKmh }) => speedKmh,
  freeFlow: ({ freeFlowKmh }) => freeFlowKmh,
  share: ({ ratio }) => ratio,
  jam: ({ jamFactor }) => jamFactor,
  confidence: ({ confidence }) => confidence,
  window: ({ windowStart }) => (windowStart === null ? null : Date.parse(windowStart)),
}

/** Sorts statuses anew; what has no value stands last in either direction. By level means worst first. */
export function sorted(statuses: Iterable<TrafficStatus>, { column, down }: Order): TrafficStatus[] {
  const sign = down ? -1 : 1
  const tie = (a: TrafficStatus, b: TrafficStatus) => (a.segment < b.segment ? -1 : 1)
  if (column === 'level') return [...statuses].sort((a, b) => sign * byBadness(a, b))
  if (column === 'name')
    return [...statuses].sort((a, b) => sign * nameOf(a).localeCompare(nameOf(b), 'en') || tie(a, b))
  const value = VALUE[column]
  return [...statuses].sort((a, b) => {
    const [x, y] = [value(a), value(b)]
    if (x === null || y === null) return Number(x === null) - Number(y === null) || tie(a, b)
    return sign * (x - y) || tie(a, b)
  })
}
