import { localClock } from '#shared/dataset/local-time.ts'
import { type Loop, loopsOf } from './town/network.ts'
import { JUNCTIONS, MARKET, type Place } from './town/plan.ts'
import { type Road, townRoads } from './town/roads.ts'
import { RUSH_TRIPS, ZONES } from './town/zones.ts'
import { type Cells, type Link, layCells } from './traffic/cells.ts'
import type { TownTraffic } from './traffic/day.ts'
import { assignTrips } from './traffic/routes.ts'

const STEP_SECONDS = 6

/** The roads of the town with what lies on them. */
export interface Town {
  roads: Road[]
  loops: Loop[]
  traffic: TownTraffic
}

/** Lays out the town. */
export const layOutTown = (): Town => {
  const roads = townRoads()
  const loops = loopsOf(roads)
  const cells = townCells(roads)
  const watched = loops.map(({ road, along }) => {
    const [from, to] = [cells.first[road] as number, cells.first[road + 1] as number]
    return from + Math.floor(along * (to - from))
  })
  const traffic = {
    cells,
    loads: loadsOf(cells),
    watched: Int32Array.from(watched),
    clock: localClock(MARKET.timeZone),
  }
  return { roads, loops, traffic }
}

const NAMES = Object.keys(JUNCTIONS)
const PLACES = Object.values(JUNCTIONS)

const townCells = (roads: Road[]): Cells => {
  const into = (junction: string) => roads.filter(({ to }) => to === junction).length
  const links = roads.map(({ from, to, km, lanes, freeKmh, laneCapacity }): Link => {
    const green = into(to) < 3 ? 1 : laneCapacity > 1300 ? 0.92 : 0.82
    return { from: NAMES.indexOf(from), to: NAMES.indexOf(to), km, lanes, freeKmh, laneCapacity, green }
  })
  return layCells(links, NAMES.length, STEP_SECONDS)
}

/** Fewer drive from one end of the country to the other than into the town. */
const THROUGH = 0.3
/** Of two equal places the nearer one draws more: by a factor e for so many km. */
const REACH_KM = 4

const loadsOf = (cells: Cells) => {
  const zones = NAMES.map((name) => ZONES[name] ?? { homes: 0, jobs: 0 })
  const pull = (from: number, to: number): number => {
    if (from === to) return 0
    const isOut = (j: number) => /^out-[a-z]+$/.test(NAMES[j] as string)
    const [[x, y], [u, v]] = [PLACES[from] as Place, PLACES[to] as Place]
    return Math.exp(-Math.hypot(u - x, v - y) / 1000 / REACH_KM) * (isOut(from) && isOut(to) ? THROUGH : 1)
  }
  const load = (weight: (from: number, to: number) => number) => {
    const pulled = (from: number, to: number) => pull(from, to) * weight(from, to)
    let sum = 0
    for (const from of NAMES.keys()) for (const to of NAMES.keys()) sum += pulled(from, to)
    return assignTrips(cells, (from, to) => (RUSH_TRIPS * pulled(from, to)) / sum)
  }
  const homes = (j: number) => zones[j]?.homes ?? 0
  const jobs = (j: number) => zones[j]?.jobs ?? 0
  return {
    morning: load((from, to) => homes(from) * jobs(to)),
    evening: load((from, to) => jobs(from) * homes(to)),
    other: load((from, to) => (homes(from) + jobs(from)) * (homes(to) + jobs(to))),
  }
}
