import { DAY_MS, type LocalTime, openCalendar } from './calendar.ts'
import { type FeatureSensors, NEIGHBOURS } from './features.ts'
import type { Grid } from './grid.ts'
import type { SensorStatistics, Statistics } from './sidecar.ts'
import { fillProfile, openUsual, timesOf } from './usual.ts'

/** A road link between two sensors of a grid, by their places; a greater weight is a nearer one. */
export interface Link {
  from: number
  to: number
  weight: number
}

const NONE: ReadonlySet<number> = new Set()

/**
 * What the rows before `untilRow` tell of each sensor. One with less than a day of readings is left out: it is not
 * trained on, and a forecast of it needs none of this.
 */
export const fitStatistics = (grid: Grid, links: readonly Link[], untilRow: number): Statistics => {
  const times = timesOf(grid)
  const { count, mean, sd, profile } = openUsual(grid, times, untilRow)(NONE)
  const width = grid.sensors.length
  const known = grid.sensors.flatMap((_, i) => ((count[i] as number) * grid.stepMs >= DAY_MS ? [i] : []))
  const neighbours = strongest(known, links)
  const days = (sensor: number, kind: number): (number | null)[] | null => {
    const usual = Array.from({ length: times.slots }, (_, slot) => {
      const value = plain(profile[(kind * times.slots + slot) * width + sensor] as number)
      return Number.isNaN(value) ? null : value
    })
    return usual.every((value) => value === null) ? null : usual
  }
  return {
    sensors: known.map(
      (sensor, place): SensorStatistics => ({
        id: grid.sensors[sensor] as string,
        mean: plain(mean[sensor] as number),
        sd: plain(sd[sensor] as number),
        weekday: days(sensor, 0),
        weekend: days(sensor, 1),
        neighbours: neighbours[place] as [number, number][],
      }),
    ),
  }
}

/** The few digits that make the same float32. */
const plain = (value: number): number => Number(value.toPrecision(6))

/**
 * The strongest links of each sensor, whichever way they lead: its place among the known, and its weight as a share of
 * the strongest link of all, so that no unit of weights matters.
 */
const strongest = (known: readonly number[], links: readonly Link[]): [number, number][][] => {
  const place = new Map(known.map((sensor, i) => [sensor, i]))
  const most = links.reduce((greatest, { weight }) => Math.max(greatest, weight), 0)
  const shares = known.map(() => new Map<number, number>())
  for (const { from, to, weight } of links) {
    const ends = [place.get(from), place.get(to)]
    if (ends[0] === undefined || ends[1] === undefined || ends[0] === ends[1]) continue
    for (const [here, there] of [ends, ends.toReversed()] as [number, number][]) {
      const its = shares[here] as Map<number, number>
      its.set(there, Math.max(weight / most, its.get(there) ?? 0))
    }
  }
  return shares.map((its) =>
    [...its]
      .sort(([a, x], [b, y]) => y - x || a - b)
      .slice(0, NEIGHBOURS)
      .map(([other, share]) => [other, plain(share)]),
  )
}

/** Statistics made ready for use. */
export interface OpenStatistics {
  sensors: FeatureSensors
  /** Place of each sensor. */
  ids: ReadonlyMap<string, number>
  /** What is usual at an instant, a value a sensor, never NaN; not to be written to. */
  profileAt(instant: number): Float32Array
  /** Where an instant lies in the days of their time zone. */
  localTime(instant: number): LocalTime
}

/** Opens statistics that were fitted on steps of that length; throws RangeError where they fit no such step, or no float32. */
export const openStatistics = (
  { sensors }: Statistics,
  { stepMs, timeZone }: { stepMs: number; timeZone: string },
): OpenStatistics => {
  const calendar = openCalendar(timeZone, stepMs)
  const { slots } = calendar
  const width = sensors.length
  const mean = Float32Array.from(sensors, (sensor) => single(sensor.mean, sensor))
  const profile = new Float32Array(2 * slots * width).fill(Number.NaN)
  for (const [i, sensor] of sensors.entries())
    for (const [kind, usual] of [sensor.weekday, sensor.weekend].entries()) {
      if (usual === null) continue
      if (usual.length !== slots)
        throw new RangeError(`the profile of '${sensor.id}' has ${usual.length} times of day, its steps make ${slots}`)
      // Not by an iterator: each start of a process goes through all times of all sensors once.
      for (let slot = 0; slot < slots; slot++) {
        const value = usual[slot] ?? null
        if (value !== null) profile[(kind * slots + slot) * width + i] = single(value, sensor)
      }
    }
  fillProfile(profile, mean)
  return {
    sensors: { mean, sd: Float32Array.from(sensors, (sensor) => single(sensor.sd, sensor)), ...neighboursOf(sensors) },
    ids: new Map(sensors.map(({ id }, i) => [id, i])),
    profileAt(instant) {
      const { slot, weekend } = calendar.at(instant)
      const at = ((weekend ? slots : 0) + slot) * width
      return profile.subarray(at, at + width)
    },
    localTime: calendar.at,
  }
}

/** A number that float32 does not make infinite. */
const single = (value: number, { id }: SensorStatistics): number => {
  if (Number.isFinite(Math.fround(value))) return value
  throw new RangeError(`'${id}' has ${value}, which is beyond float32`)
}

const neighboursOf = (sensors: readonly SensorStatistics[]): Pick<FeatureSensors, 'neighbour' | 'weight'> => {
  const neighbour = new Int32Array(sensors.length * NEIGHBOURS).fill(-1)
  const weight = new Float32Array(sensors.length * NEIGHBOURS)
  for (const [i, sensor] of sensors.entries())
    for (const [n, [other, share]] of sensor.neighbours.slice(0, NEIGHBOURS).entries()) {
      if (other >= sensors.length)
        throw new RangeError(`a neighbour of '${sensor.id}' is number ${other} of ${sensors.length}`)
      neighbour[i * NEIGHBOURS + n] = other
      weight[i * NEIGHBOURS + n] = single(share, sensor)
    }
  return { neighbour, weight }
}
