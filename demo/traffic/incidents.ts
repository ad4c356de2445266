import { uniform } from '../random.ts'
import type { Cells } from './cells.ts'

/** Something that blocks a part of a cell for a while: a breakdown, a delivery, a collision. */
export interface Incident {
  cell: number
  /** ms since 1970. */
  from: number
  to: number
  /** Share of the capacity that is left. */
  left: number
}

const MINUTE_MS = 60_000
const INCIDENTS_A_DAY = 26

/** The incidents of one day; they depend on nothing but the day and the seed. */
export const incidentsOf = (cells: Cells, seed: number, day: number, dayStart: number): Incident[] =>
  Array.from({ length: INCIDENTS_A_DAY * 2 }, (_, n) => n)
    .filter((n) => uniform(seed, day, n, 31) < 0.5)
    .map((n) => {
      const hour = 24 * uniform(seed, day, n, 32)
      const from = dayStart + Math.floor(hour * 60) * MINUTE_MS
      return {
        cell: Math.floor(uniform(seed, day, n, 33) * cells.km.length),
        from,
        to: from + (20 + Math.floor(40 * uniform(seed, day, n, 34))) * MINUTE_MS,
        left: 0.05 + 0.3 * uniform(seed, day, n, 35),
      }
    })
