import { uniform } from '../random.ts'
import type { Cells, Link } from './cells.ts'

/** Trips an hour from each junction (row) to each other. */
export type Trips = (from: number, to: number) => number

/** What trips add up to on the roads when nothing is full. */
export interface Load {
  /** By junction: trips that set out there, an hour. */
  departures: Float64Array
  /** By junction, for its links in and then who sets out there: trips to each of its links out and then to its own doors. */
  turns: Float64Array[]
}

/** Not everybody takes the same way: each trip is spread over the quickest ways by so many opinions of the roads. */
const OPINIONS = 6
const SPREAD = 0.5
/** What a traffic light costs on average, hours. */
const LIGHT_H = 12 / 3600

const costOf = ({ km, freeKmh, green }: Link, link: number, opinion: number): number =>
  (km / freeKmh + (green < 1 ? LIGHT_H : 0)) * (1 + SPREAD * uniform(link, opinion, 7))

/** Sends trips over the network, each on its quickest ways, and adds up who turns where. */
export const assignTrips = (cells: Cells, trips: Trips): Load => {
  const { junctions, links } = cells
  const load: Load = {
    departures: new Float64Array(junctions.length),
    turns: junctions.map(({ into, out }) => new Float64Array((into.length + 1) * (out.length + 1))),
  }
  const turn = (junction: number, came: number | undefined, goes: number | undefined, share: number) => {
    const { into, out } = junctions[junction] as (typeof junctions)[number]
    const row = came === undefined ? into.length : into.indexOf(came)
    const column = goes === undefined ? out.length : out.indexOf(goes)
    const at = row * (out.length + 1) + column
    const turns = load.turns[junction] as Float64Array
    turns[at] = (turns[at] as number) + share
  }
  for (let opinion = 0; opinion < OPINIONS; opinion += 1) {
    const cost = Float64Array.from(links, (link, i) => costOf(link, i, opinion))
    for (let from = 0; from < junctions.length; from += 1) {
      const before = quickest(cells, from, cost)
      for (let to = 0; to < junctions.length; to += 1) {
        const share = trips(from, to) / OPINIONS
        if (share <= 0 || from === to) continue
        load.departures[from] = (load.departures[from] as number) + share
        let next: number | undefined
        for (let link = before.arriving(to); link !== undefined; link = before.link(link)) {
          turn((links[link] as Link).to, link, next, share)
          next = link
        }
        turn(from, undefined, next, share)
      }
    }
  }
  return load
}

/** The quickest ways from one junction over the links, none of which turns back on its road. */
const quickest = ({ links, junctions }: Cells, from: number, cost: Float64Array) => {
  const reached = new Float64Array(links.length).fill(Number.POSITIVE_INFINITY)
  const came = new Int32Array(links.length).fill(-1)
  const done = new Uint8Array(links.length)
  for (const link of junctions[from]?.out ?? []) reached[link] = cost[link] as number
  for (;;) {
    let next = -1
    let nearest = Number.POSITIVE_INFINITY
    for (let i = 0; i < links.length; i += 1)
      if (done[i] === 0 && (reached[i] as number) < nearest) {
        next = i
        nearest = reached[i] as number
      }
    if (next < 0) break
    done[next] = 1
    const here = links[next] as Link
    for (const onward of junctions[here.to]?.out ?? []) {
      const at = (reached[next] as number) + (cost[onward] as number)
      if ((links[onward] as Link).to === here.from || at >= (reached[onward] as number)) continue
      reached[onward] = at
      came[onward] = next
    }
  }
  return {
    /** The link before this one on the way; undefined where the way begins. */
    link: (link: number) => ((came[link] as number) < 0 ? undefined : (came[link] as number)),
    /** The link by which the way arrives. */
    arriving(to: number): number | undefined {
      const into = junctions[to]?.into ?? []
      return into.reduce((a, b) => ((reached[b] as number) < (reached[a] as number) ? b : a), into[0] ?? 0)
    },
  }
}

/** How strongly drivers shun a road that they see is full. */
const SHUN = 3

/**
 * The shares of who turns where, from several loads of different weight. `fullness` of a link, 0 to 1, keeps drivers who
 * have a choice out of it: without that, queues that close a circle would stand for ever. Where nobody comes, all that
 * come turn out evenly.
 */
export const turnShares = (
  loads: readonly { load: Load; weight: number }[],
  { junctions }: Cells,
  fullness: (link: number) => number,
): Float64Array[] =>
  junctions.map(({ out }, j) => {
    const columns = out.length + 1
    const shares = new Float64Array(loads[0]?.load.turns[j]?.length ?? 0)
    for (const { load, weight } of loads)
      for (let at = 0; at < shares.length; at += 1)
        shares[at] = (shares[at] as number) + weight * (load.turns[j]?.[at] as number)
    const appeal = Float64Array.from([...out.map((link) => (1 - fullness(link)) ** SHUN), 1])
    for (let row = 0; row < shares.length; row += columns) {
      let sum = 0
      for (let o = 0; o < columns; o += 1) {
        shares[row + o] = (shares[row + o] as number) * (appeal[o] as number)
        sum += shares[row + o] as number
      }
      for (let at = row; at < row + columns; at += 1) shares[at] = sum > 0 ? (shares[at] as number) / sum : 1 / columns
    }
    return shares
  })
