import type { Samples } from '../samples.ts'
import type { Sidecar } from '../sidecar.ts'
import type { Bands } from './forward.ts'

type Errors = Sidecar['validation']['model']

/** How far forecasts (samples × steps) are off at each of `steps`; targets that are missing count nowhere. */
export const errorsAt = ({ y, last }: Pick<Samples, 'y' | 'last'>, forecast: Float32Array, steps: number[]): Errors => {
  const sums = steps.map((step) => {
    let [n, squares, absolutes] = [0, 0, 0]
    for (let at = step - 1; at < y.length; at += y.length / last.length) {
      const off = (y[at] as number) - (forecast[at] as number)
      if (Number.isNaN(off)) continue
      n += 1
      squares += off * off
      absolutes += Math.abs(off)
    }
    return { rmse: Math.sqrt(squares / n), mae: absolutes / n }
  })
  return { mae: sums.map(({ mae }) => mae), rmse: sums.map(({ rmse }) => rmse) }
}

/** The share of targets that lie within the band, at each of `steps`. */
export const coverageAt = (
  { y, last }: Pick<Samples, 'y' | 'last'>,
  { p10, p90 }: Pick<Bands, 'p10' | 'p90'>,
  steps: number[],
): number[] =>
  steps.map((step) => {
    let [n, inside] = [0, 0]
    for (let at = step - 1; at < y.length; at += y.length / last.length) {
      const target = y[at] as number
      if (Number.isNaN(target)) continue
      n += 1
      if (target >= (p10[at] as number) && target <= (p90[at] as number)) inside += 1
    }
    return inside / n
  })
