import type { LocalClock } from '#shared/dataset/local-time.ts'
import { smoothNoise } from '../random.ts'
import { weatherAt } from '../weather.ts'
import type { Cells } from './cells.ts'
import { demandAt } from './demand.ts'
import { incidentsOf } from './incidents.ts'
import { emptyTraffic, openModel, type Rules, type Traffic } from './model.ts'
import { type Load, turnShares } from './routes.ts'

/** What never changes in a town: its roads, who wants where, and the cells that are watched. */
export interface TownTraffic {
  cells: Cells
  /** The trips of a full rush hour from home to work, back, and of all others. */
  loads: { morning: Load; evening: Load; other: Load }
  /** Cells whose traffic is counted. */
  watched: Int32Array
  clock: LocalClock
}

/** What passed the watched cells on one day, added up since its start. */
export interface DayOfTraffic {
  /** ms since 1970 at which the record begins. */
  start: number
  /** Vehicles that left the i-th watched cell until so many record steps after the start: `passed[step * watched + i]`. */
  passed: Float64Array
  /** Hours that vehicles spent in it, alike. */
  spent: Float64Array
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The length of a record step. */
export const RECORD_MS = 30_000
/** A day of the town begins when it sleeps: at 02:00 UTC. */
const DAY_BEGINS_MS = 2 * HOUR_MS
/** Empty roads fill in this time, so that the first instant of a day has its traffic already. */
const WARM_UP_MS = HOUR_MS
/** How often demand, weather and incidents are looked at. */
const LOOK_MS = 2 * 60_000

/** The number of the town's day that an instant belongs to; the instant it begins at belongs to the day before. */
export const dayOf = (at: number): number => Math.ceil((at - DAY_BEGINS_MS) / DAY_MS) - 1

/**
 * Lives one day of the town, from empty roads an hour before it begins to its end: a function of the day and the seed
 * alone, so that whoever wants an instant comes to the same one, whenever and from wherever.
 */
export const liveTrafficDay = (town: TownTraffic, seed: number, day: number): DayOfTraffic => {
  const { cells, watched } = town
  const count = watched.length
  const start = day * DAY_MS + DAY_BEGINS_MS - WARM_UP_MS
  const records = (DAY_MS + WARM_UP_MS) / RECORD_MS
  const passed = new Float64Array((records + 1) * count)
  const spent = new Float64Array(passed.length)
  const traffic = emptyTraffic(cells)
  const move = openModel(cells)
  const rulesAt = rulesOf(town, seed, day, start)
  const addUp = (sums: Float64Array, here: number, values: Float64Array, times: number) => {
    for (let i = 0; i < count; i += 1)
      sums[here + i] = (sums[here + i] as number) + (values[watched[i] as number] as number) * times
  }
  const stepMs = cells.stepSeconds * 1000
  const stepH = stepMs / HOUR_MS
  let rules = rulesAt(start, traffic)
  for (let record = 1; record <= records; record += 1) {
    const now = start + (record - 1) * RECORD_MS
    if ((now - start) % LOOK_MS === 0) rules = rulesAt(now, traffic)
    const here = record * count
    passed.copyWithin(here, here - count, here)
    spent.copyWithin(here, here - count, here)
    for (let ms = 0; ms < RECORD_MS; ms += stepMs) {
      addUp(spent, here, traffic.vehicles, stepH)
      move(traffic, rules)
      addUp(passed, here, traffic.flow, 1)
    }
  }
  return { start, passed, spent }
}

/** What rules the steps from an instant on, until the next look. */
const rulesOf = ({ cells, loads, clock }: TownTraffic, seed: number, day: number, start: number) => {
  const incidents = incidentsOf(cells, seed, day, start)
  const stepH = cells.stepSeconds / 3600
  const busy = 1 + 0.06 * smoothNoise(day, seed, 41)
  return (at: number, traffic: Traffic): Rules => {
    const demand = demandAt(clock, new Date(at))
    const weighted = [
      { load: loads.morning, weight: demand.morning },
      { load: loads.evening, weight: demand.evening },
      { load: loads.other, weight: demand.other },
    ]
    const wet = Math.min(1, weatherAt(seed, at).rain / 2.5)
    const capacityShare = new Float64Array(cells.km.length).fill(1 - 0.12 * wet)
    for (const { cell, from, to, left } of incidents)
      if (at >= from && at < to) capacityShare[cell] = (capacityShare[cell] as number) * left
    const departures = cells.junctions.map((_, j) => {
      const trips = weighted.reduce((sum, { load, weight }) => sum + weight * (load.departures[j] as number), 0)
      return trips * stepH * busy * (1 + 0.14 * smoothNoise(at / (15 * 60_000), seed, j, 42))
    })
    return {
      departures: Float64Array.from(departures),
      turns: turnShares(weighted, cells, (link) => fullness(cells, traffic, link)),
      capacityShare,
      speedShare: 1 - 0.08 * wet,
    }
  }
}

/** The share of a link's room that is taken. */
const fullness = ({ first, jam }: Cells, { vehicles }: Traffic, link: number): number => {
  let inside = 0
  let room = 0
  for (let c = first[link] as number; c < (first[link + 1] as number); c += 1) {
    inside += vehicles[c] as number
    room += jam[c] as number
  }
  return inside / room
}
