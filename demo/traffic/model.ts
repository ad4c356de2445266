import { type Cells, SLOWED_AT_CAPACITY } from './cells.ts'
import { type Meeting, resolve } from './junction.ts'

/** Where all vehicles are. */
export interface Traffic {
  /** By cell. */
  vehicles: Float64Array
  /** Those that wait to set out, by junction: nobody is lost where a road is full. */
  waiting: Float64Array
  /** Vehicles that came into the town, and that reached where they go, so far. */
  entered: number
  left: number
  /** Vehicles that left each cell in the last step. */
  flow: Float64Array
}

/** What rules a step beside the roads. */
export interface Rules {
  /** Vehicles that set out at each junction in this step. */
  departures: Float64Array
  /**
   * By junction, for its links in and then who sets out there, the share that goes to each of its links out and then that
   * has arrived: a row a way in.
   */
  turns: readonly Float64Array[]
  /** What is left of each cell's capacity. */
  capacityShare: Float64Array
  /** What is left of the free speed: 1 on a dry road. */
  speedShare: number
}

/** Nobody on the road. */
export const emptyTraffic = (cells: Cells): Traffic => ({
  vehicles: new Float64Array(cells.km.length),
  waiting: new Float64Array(cells.junctions.length),
  entered: 0,
  left: 0,
  flow: new Float64Array(cells.km.length),
})

// Not looked up in the innermost loops: where globals are slow (the realm of a test), a day took a minute.
const { min } = Math

/** A model of these cells: what moves traffic on by a step. */
export const openModel = (cells: Cells) => {
  const { first, free, critical, wave, capacity, jam, junctions, links } = cells
  const size = free.length
  const greens = new Float64Array(size).fill(1)
  for (const [i, { green }] of links.entries()) greens[(first[i + 1] as number) - 1] = green
  const gain = new Float64Array(size)
  const sending = new Float64Array(size)
  const receiving = new Float64Array(size)
  const corners = junctions.map(({ into, out }) => ({
    into: Int32Array.from(into, (link) => (first[link + 1] as number) - 1),
    out: Int32Array.from(out, (link) => first[link] as number),
    passing: new Float64Array(into.length + 1),
    meeting: {
      sending: new Float64Array(into.length + 1),
      priority: new Float64Array(into.length + 1),
      // Who has arrived always finds room.
      receiving: new Float64Array(out.length + 1).fill(Number.POSITIVE_INFINITY),
      turns: new Float64Array(),
    } satisfies Meeting as Meeting,
  }))
  for (const { into, meeting } of corners) {
    for (const [i, c] of into.entries()) meeting.priority[i] = (capacity[c] as number) * (greens[c] as number)
    // Who comes out of a side street or a car park lets the road go first, but not for ever.
    meeting.priority[into.length] = meeting.priority.reduce((a, b) => a + b, 0) / 4 || 1
  }

  const look = ({ vehicles }: Traffic, { capacityShare, speedShare }: Rules) => {
    for (let c = 0; c < size; c += 1) {
      const inside = vehicles[c] as number
      const most = (capacity[c] as number) * (capacityShare[c] as number)
      const density = inside / (critical[c] as number)
      const wanting = density < 1 ? inside * (1 - SLOWED_AT_CAPACITY * density) : inside
      sending[c] = min((free[c] as number) * speedShare * wanting, most * (greens[c] as number))
      receiving[c] = min(most, (wave[c] as number) * ((jam[c] as number) - inside))
    }
  }
  const moveWithinLinks = ({ flow }: Traffic) => {
    for (let l = 0; l < links.length; l += 1) {
      const last = (first[l + 1] as number) - 1
      for (let c = first[l] as number; c < last; c += 1) {
        const moving = min(sending[c] as number, receiving[c + 1] as number)
        flow[c] = moving
        gain[c] = (gain[c] as number) - moving
        gain[c + 1] = (gain[c + 1] as number) + moving
      }
    }
  }
  const moveAcross = (j: number, { waiting, flow }: Traffic, turns: Float64Array): number => {
    const { into, out, meeting, passing } = corners[j] as (typeof corners)[number]
    const ins = into.length
    const outs = out.length
    for (let i = 0; i < ins; i += 1) meeting.sending[i] = sending[into[i] as number] as number
    meeting.sending[ins] = waiting[j] as number
    for (let o = 0; o < outs; o += 1) meeting.receiving[o] = receiving[out[o] as number] as number
    meeting.turns = turns
    resolve(meeting, passing)
    let arrived = 0
    for (let i = 0; i <= ins; i += 1) {
      const moving = passing[i] as number
      const row = i * (outs + 1)
      for (let o = 0; o < outs; o += 1) {
        const c = out[o] as number
        gain[c] = (gain[c] as number) + moving * (turns[row + o] as number)
      }
      arrived += moving * (turns[row + outs] as number)
      if (i === ins) break
      const c = into[i] as number
      flow[c] = moving
      gain[c] = (gain[c] as number) - moving
    }
    waiting[j] = (waiting[j] as number) - (passing[ins] as number)
    return arrived
  }

  /** Moves the traffic on by one step, in place. */
  return (traffic: Traffic, rules: Rules): void => {
    const { vehicles, waiting } = traffic
    gain.fill(0)
    look(traffic, rules)
    moveWithinLinks(traffic)
    for (let j = 0; j < junctions.length; j += 1) {
      traffic.entered += rules.departures[j] as number
      waiting[j] = (waiting[j] as number) + (rules.departures[j] as number)
      traffic.left += moveAcross(j, traffic, rules.turns[j] as Float64Array)
    }
    for (let c = 0; c < size; c += 1) vehicles[c] = (vehicles[c] as number) + (gain[c] as number)
  }
}
