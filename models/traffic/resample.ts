import { DatasetError } from '#shared/dataset/description.ts'

/** Readings as they stand in a file: all of one instant together, instants in order. */
export interface Instants {
  at: number[]
  /** Columns and values of each instant; values not measured are left out. */
  columns: Int32Array[]
  values: Float32Array[]
}

const MINUTE_MS = 60_000
const LONGEST_MS = 60 * MINUTE_MS
/** Shorter steps make an hour ahead longer than any model that is taken. */
const SHORTEST_MS = MINUTE_MS
/** Beyond this the times are wrong rather than the city large: 800 MB. */
const MOST_CELLS = 200_000_000

/**
 * The commonest difference between one reading of a device and its next, in ms. Where the devices keep no exact time,
 * so that it is rare, the commonest in whole minutes.
 */
export const inferStep = ({ at, columns }: Instants): number => {
  const exact = differences(at, columns, (ms) => ms)
  const total = [...exact.values()].reduce((sum, n) => sum + n, 0)
  const [step, n] = commonest(exact)
  if (n * 2 >= total) return step
  return commonest(differences(at, columns, (ms) => Math.max(1, Math.round(ms / MINUTE_MS)) * MINUTE_MS))[0]
}

const differences = (at: number[], columns: Int32Array[], round: (ms: number) => number): Map<number, number> => {
  const before = new Map<number, number>()
  const counts = new Map<number, number>()
  for (const [n, instant] of at.entries())
    for (const column of columns[n] as Int32Array) {
      const last = before.get(column)
      before.set(column, instant)
      if (last === undefined || last === instant) continue
      const difference = round(instant - last)
      counts.set(difference, (counts.get(difference) ?? 0) + 1)
    }
  return counts
}

const commonest = (counts: Map<number, number>): [number, number] =>
  [...counts].reduce(
    (best, one) => (one[1] > best[1] || (one[1] === best[1] && one[0] < best[0]) ? one : best),
    [Number.POSITIVE_INFINITY, 0],
  )

/** Throws DatasetError for a step that no forecast of an hour is made from. */
export const checkStep = (stepMs: number, folder: string): void => {
  if (stepMs < SHORTEST_MS)
    throw new DatasetError(
      `${folder}: a reading every ${stepMs / 1000} s is more than a forecast of the next hour is made from: give --step PT1M or more`,
    )
  if (stepMs > LONGEST_MS)
    throw new DatasetError(
      stepMs === Number.POSITIVE_INFINITY
        ? `${folder}: no device has readings at two instants, so there is nothing to learn from`
        : `${folder}: a reading every ${Math.round(stepMs / MINUTE_MS)} minutes is too few to forecast the next hour; 60 is the most`,
    )
}

/** Readings of sensors at equal steps from `start` on, rows × sensors; NaN where nothing was measured. */
export interface Resampled {
  start: number
  rows: number
  values: Float32Array
}

/**
 * Puts readings on equal steps: a row holds those from its instant to the next row's. Several of one sensor in one row
 * are averaged; of speeds the harmonic mean is taken, with `slowest` for what is slower (a mean with 0 would be 0).
 */
export const resample = (
  { at, columns, values }: Instants,
  sensorOf: Int32Array,
  sensors: number,
  { stepMs, slowest, folder }: { stepMs: number; slowest: number | undefined; folder: string },
): Resampled => {
  const first = Math.floor((at[0] as number) / stepMs)
  const rows = Math.floor((at.at(-1) as number) / stepMs) - first + 1
  if (rows * sensors > MOST_CELLS)
    throw new DatasetError(
      `${folder}: from ${iso(at[0] as number)} to ${iso(at.at(-1) as number)} are ${rows} steps, too many for ${sensors} sensors: take fewer days, unless a time is wrong`,
    )
  const grid = new Float32Array(rows * sensors).fill(Number.NaN)
  const sum = new Float64Array(sensors)
  const count = new Int32Array(sensors)
  const flush = (row: number) => {
    for (let i = 0; i < sensors; i++) {
      const n = count[i] as number
      if (n > 0) grid[row * sensors + i] = slowest === undefined ? (sum[i] as number) / n : n / (sum[i] as number)
    }
    sum.fill(0)
    count.fill(0)
  }
  let row = 0
  for (const [n, instant] of at.entries()) {
    const its = Math.floor(instant / stepMs) - first
    if (its !== row) flush(row)
    row = its
    const measured = values[n] as Float32Array
    for (const [k, column] of (columns[n] as Int32Array).entries()) {
      const i = sensorOf[column] as number
      const value = measured[k] as number
      sum[i] = (sum[i] as number) + (slowest === undefined ? value : 1 / Math.max(value, slowest))
      count[i] = (count[i] as number) + 1
    }
  }
  flush(row)
  return { start: first * stepMs, rows, values: grid }
}

const iso = (ms: number): string => new Date(ms).toISOString()
