import { type DayOfTraffic, dayOf, liveTrafficDay, RECORD_MS, type TownTraffic } from './day.ts'

/** The traffic of any time, lived when it is asked for. */
export interface TrafficRecord {
  /** What passed the i-th watched cell from one instant to another, a day apart at most; ms, whole numbers of 30 s. */
  between(watched: number, from: number, to: number): Passage
}

/** What passed a cell. */
export interface Passage {
  /** Vehicles since the start of the record until `from`. */
  before: number
  /** Vehicles from then until `to`. */
  passed: number
  /** Hours they spent in the cell. */
  spent: number
}

/** The newest hour, the one that is filled in behind it, and one to go from day to day. */
const DAYS_KEPT = 3

/** Opens the record of a town: a day is lived once and kept while it is used. */
export const openRecord = (town: TownTraffic, seed: number): TrafficRecord => {
  const days = new Map<number, DayOfTraffic>()
  const open = (day: number): DayOfTraffic => {
    const known = days.get(day) ?? liveTrafficDay(town, seed, day)
    days.delete(day)
    days.set(day, known)
    if (days.size > DAYS_KEPT) days.delete(days.keys().next().value as number)
    return known
  }
  return {
    between(watched, from, to) {
      const { start, passed, spent } = open(dayOf(to))
      const at = (instant: number) => ((instant - start) / RECORD_MS) * town.watched.length + watched
      const [a, b] = [at(from), at(to)]
      const before = passed[a] as number
      return { before, passed: (passed[b] as number) - before, spent: (spent[b] as number) - (spent[a] as number) }
    },
  }
}
