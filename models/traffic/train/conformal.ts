import type { Bands } from './forward.ts'

/** The share of what comes that a band should hold. */
export const COVERAGE = 0.8

/**
 * How much wider the band must become at each step so that it holds `COVERAGE` of these targets (conformalized
 * quantile regression, Romano et al. 2019); negative where it is too wide. `y` is samples × steps, NaN = no target.
 */
export const conformalOf = ({ p10, p90 }: Pick<Bands, 'p10' | 'p90'>, y: Float32Array, steps: number): Float32Array =>
  Float32Array.from({ length: steps }, (_, step) => {
    const off = new Float64Array(y.length / steps)
    let n = 0
    for (let at = step; at < y.length; at += steps) {
      const target = y[at] as number
      if (Number.isNaN(target)) continue
      off[n] = Math.max((p10[at] as number) - target, target - (p90[at] as number))
      n += 1
    }
    if (n === 0) return 0
    const rank = Math.min(Math.ceil((n + 1) * COVERAGE), n)
    return off.subarray(0, n).sort()[rank - 1] as number
  })
