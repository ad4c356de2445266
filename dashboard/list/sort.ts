import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import type { Expected } from '../forecast/ahead.ts'
import { byBadness, nameOf } from '../traffic/city.ts'

/** A line of the list. */
export interface Row {
  /** As it is shown: now, or ahead. */
  status: TrafficStatus
  /** What is expected; undefined for now, and where nothing is. */
  expected: Expected | undefined
  /** The speed now, km/h. */
  nowKmh: number | null
}

/** What the list of now can be sorted by. */
export type NowColumn = 'name' | 'level' | 'speed' | 'freeFlow' | 'share' | 'jam' | 'confidence' | 'window'

/** What the list of a forecast can be sorted by. */
export type AheadColumn = 'name' | 'level' | 'speed' | 'range' | 'now' | 'freeFlow' | 'share' | 'source'

/** What either list can be sorted by. */
export type Column = NowColumn | AheadColumn

/** A column, and whether its greatest stand first. */
export interface Order {
  column: Column
  down: boolean
}

const SOURCES = ['model', 'profile', 'persistence']

const VALUE: Record<Exclude<Column, 'name' | 'level'>, (row: Row) => number | null> = {
  speed: ({ status }) => status.speedKmh,
  freeFlow: ({ status }) => status.freeFlowKmh,
  share: ({ status }) => status.ratio,
  jam: ({ status }) => status.jamFactor,
  confidence: ({ status }) => status.confidence,
  window: ({ status: { windowStart } }) => (windowStart === null ? null : Date.parse(windowStart)),
  now: ({ nowKmh }) => nowKmh,
  // The surest first.
  range({ expected }) {
    const { p10Kmh = null, p90Kmh = null } = expected?.point ?? {}
    return p10Kmh === null || p90Kmh === null ? null : p90Kmh - p10Kmh
  },
  source: ({ expected }) => (expected ? SOURCES.indexOf(expected.source) : null),
}

/** Sorts rows anew; what has no value stands last in either direction. By level means worst first. */
export function sorted(rows: Iterable<Row>, { column, down }: Order): Row[] {
  const sign = down ? -1 : 1
  const tie = (a: Row, b: Row) => (a.status.segment < b.status.segment ? -1 : 1)
  if (column === 'level') return [...rows].sort((a, b) => sign * byBadness(a.status, b.status))
  if (column === 'name')
    return [...rows].sort((a, b) => sign * nameOf(a.status).localeCompare(nameOf(b.status), 'en') || tie(a, b))
  const value = VALUE[column]
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)]
    if (x === null || y === null) return Number(x === null) - Number(y === null) || tie(a, b)
    return sign * (x - y) || tie(a, b)
  })
}
