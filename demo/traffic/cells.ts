/** One direction of a road as the model needs it. */
export interface Link {
  /** The junctions it leads from and to, by number. */
  from: number
  to: number
  km: number
  lanes: number
  freeKmh: number
  /** Vehicles an hour and lane. */
  laneCapacity: number
  /** Share of its capacity that may leave it: the green of a traffic light, 1 where there is none. */
  green: number
}

/** Vehicles a km and lane when nothing moves. */
export const JAM_DENSITY = 130

/** What traffic at capacity has lost of the free speed: the more vehicles, the slower, long before a queue. */
export const SLOWED_AT_CAPACITY = 0.22

/**
 * The roads cut into cells (Daganzo's cell transmission model): each at least as long as free traffic goes in one step.
 * The fundamental diagram of a lane is Smulders' (1990): up to the critical density the speed falls with the density, from
 * the free speed on, until the flow is the capacity; then the flow falls with the speed of the backward wave to nothing at
 * the jam density.
 */
export interface Cells {
  stepSeconds: number
  links: readonly Link[]
  /** Number of the first cell of each link, and behind the last link that of all cells. */
  first: Int32Array
  /** Length of each cell, km. */
  km: Float64Array
  /** Share of a cell that free traffic leaves in one step. */
  free: Float64Array
  /** Vehicles in the cell at capacity. */
  critical: Float64Array
  /** Share of a cell's room that the backward wave frees in one step. */
  wave: Float64Array
  /** Vehicles that pass in one step at most. */
  capacity: Float64Array
  /** Vehicles in the cell when nothing moves. */
  jam: Float64Array
  /** The links that end and begin at each junction. */
  junctions: readonly { into: number[]; out: number[] }[]
}

/** Vehicles a km and lane of a link at capacity. */
export const criticalDensity = ({ laneCapacity, freeKmh }: Link): number =>
  laneCapacity / (freeKmh * (1 - SLOWED_AT_CAPACITY))

/** Speed of the backward wave of a link, km/h: the falling side of its diagram. */
export const waveKmh = (link: Link): number => link.laneCapacity / (JAM_DENSITY - criticalDensity(link))

/** Cuts links into cells. */
export const layCells = (links: readonly Link[], junctions: number, stepSeconds: number): Cells => {
  const hours = stepSeconds / 3600
  // A whole number of cells stays one, whatever the last bit of the division.
  const counts = links.map(({ km, freeKmh }) => Math.max(1, Math.floor(km / (freeKmh * hours) + 1e-9)))
  const first = new Int32Array(links.length + 1)
  for (const [i, count] of counts.entries()) first[i + 1] = (first[i] as number) + count
  const size = first[links.length] as number
  const cells: Cells = {
    stepSeconds,
    links,
    first,
    km: new Float64Array(size),
    free: new Float64Array(size),
    critical: new Float64Array(size),
    wave: new Float64Array(size),
    capacity: new Float64Array(size),
    jam: new Float64Array(size),
    junctions: Array.from({ length: junctions }, () => ({ into: [], out: [] })),
  }
  for (const [i, link] of links.entries()) {
    const [from, to] = [first[i] as number, first[i + 1] as number]
    const km = link.km / (to - from)
    cells.km.fill(km, from, to)
    cells.free.fill(Math.min(1, (link.freeKmh * hours) / km), from, to)
    cells.critical.fill(criticalDensity(link) * link.lanes * km, from, to)
    cells.wave.fill((waveKmh(link) * hours) / km, from, to)
    cells.capacity.fill(link.laneCapacity * link.lanes * hours, from, to)
    cells.jam.fill(JAM_DENSITY * link.lanes * km, from, to)
    cells.junctions[link.from]?.out.push(i)
    cells.junctions[link.to]?.into.push(i)
  }
  return cells
}
