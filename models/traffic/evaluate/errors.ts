import type { Samples } from '../samples.ts'
import { windowsOf } from './protocol.ts'

/** Errors at each horizon, in the unit of the readings. */
export interface Errors {
  rmse: number[]
  mae: number[]
}

/** The two usual meanings of "the error at 30 minutes". */
export interface BothErrors {
  /** Over all steps up to the horizon. */
  meanOverSteps: Errors
  /** At the horizon's own step. */
  atStep: Errors
}

/** The samples of a test, and the steps that are asked about. */
export interface Test {
  samples: Samples
  /** Rows of the data that the samples are from. */
  rows: number
  /** A step ahead each, ascending. */
  horizons: readonly number[]
}

interface Sum {
  n: number
  squares: number
  absolutes: number
}

/** How far a forecast (samples × steps) is off at each horizon; a target that is not there counts nowhere. */
export const errorsOf = (test: Test, forecast: Float32Array): BothErrors => {
  const over = test.horizons.map((horizon) => sumOf(test, forecast, horizon, 1))
  const at = test.horizons.map((horizon) => sumOf(test, forecast, horizon, horizon))
  return { meanOverSteps: errors(over), atStep: errors(at) }
}

const errors = (sums: Sum[]): Errors => ({
  rmse: sums.map(({ n, squares }) => Math.sqrt(squares / n)),
  mae: sums.map(({ n, absolutes }) => absolutes / n),
})

/** Of the steps `from` to `horizon`, over the windows of that horizon. */
const sumOf = (test: Test, forecast: Float32Array, horizon: number, from: number): Sum => {
  const sum: Sum = { n: 0, squares: 0, absolutes: 0 }
  forTargets(test, horizon, from, (truth, at) => {
    const off = truth - (forecast[at] as number)
    sum.n += 1
    sum.squares += off * off
    sum.absolutes += Math.abs(off)
  })
  return sum
}

/** Calls for each target there is of the steps `from` to `horizon`, over the windows of that horizon. */
export const forTargets = (
  { samples: { y, row, last }, rows }: Test,
  horizon: number,
  from: number,
  target: (truth: number, at: number, sample: number) => void,
): void => {
  const steps = y.length / last.length
  const windows = windowsOf(rows, horizon)
  for (let sample = 0; sample < row.length; sample++) {
    const base = row[sample] as number
    if (base < windows.from || base >= windows.until) continue
    for (let step = from; step <= horizon; step++) {
      const at = sample * steps + step - 1
      const truth = y[at] as number
      if (!Number.isNaN(truth)) target(truth, at, sample)
    }
  }
}

/** How often the band holds what came, and how wide it is. */
export interface Band {
  coverage: number[]
  width: number[]
}

/** Of a band (samples × steps each side), at each horizon's own step. */
export const bandOf = (test: Test, low: Float32Array, high: Float32Array): Band => {
  const sums = test.horizons.map((horizon) => {
    let [n, inside, width] = [0, 0, 0]
    forTargets(test, horizon, horizon, (truth, at) => {
      const [from, to] = [low[at] as number, high[at] as number]
      n += 1
      width += to - from
      if (truth >= from && truth <= to) inside += 1
    })
    return { coverage: inside / n, width: width / n }
  })
  return { coverage: sums.map(({ coverage }) => coverage), width: sums.map(({ width }) => width) }
}
