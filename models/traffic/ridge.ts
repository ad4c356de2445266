import type { Forecast } from './baselines.ts'
import { solve } from './cholesky.ts'
import type { Samples } from './samples.ts'

/** From hardly any shrinkage to a lot, a sample. */
const LAMBDAS = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]

/**
 * The change from the newest reading, one set of weights a step, as a linear function of the standardised features;
 * `lambda` is the shrinkage a sample.
 */
export const fitRidge = (samples: readonly Samples[], lambda: number): Forecast => ridgeOf(momentsOf(samples), lambda)

/** The ridge of that lambda which does best, by RMSE over all steps, on samples the fit has not seen. */
export const chooseRidge = (fit: Samples, validation: Samples): { forecast: Forecast; lambda: number } => {
  const moments = momentsOf([fit])
  return LAMBDAS.map((lambda) => {
    const forecast = ridgeOf(moments, lambda)
    return { forecast, lambda, squares: squaresOf(forecast(validation), validation.y) }
  }).reduce((best, one) => (one.squares < best.squares ? one : best))
}

const squaresOf = (forecast: Float32Array, y: Float32Array): number => {
  let sum = 0
  for (let i = 0; i < y.length; i++) {
    const off = (y[i] as number) - (forecast[i] as number)
    if (!Number.isNaN(off)) sum += off * off
  }
  return sum
}

/** What a ridge of any lambda follows from; features are standardised. */
interface Moments {
  mean: Float64Array
  sd: Float64Array
  /** Features × features, lower triangle. */
  correlation: Float64Array
  /** Features × steps: of each feature with each change. */
  covariance: Float64Array
  /** One a step. */
  meanChange: Float64Array
}

const ridgeOf = ({ mean, sd, correlation, covariance, meanChange }: Moments, lambda: number): Forecast => {
  const width = mean.length
  const steps = meanChange.length
  const a = Float64Array.from(correlation)
  for (let at = 0; at < a.length; at += width + 1) a[at] = (a[at] as number) + lambda
  const solved = solve(a, covariance, width)
  // Step by step, for features that are only centred.
  const weights = Float64Array.from(solved, (_, at) => {
    const i = at % width
    return (solved[i * steps + Math.floor(at / width)] as number) / (sd[i] as number)
  })
  return ({ x, last }) => {
    const out = new Float32Array(last.length * steps)
    const features = new Float64Array(width)
    for (let sample = 0; sample < last.length; sample++) {
      for (let i = 0; i < width; i++) features[i] = (x[sample * width + i] as number) - (mean[i] as number)
      for (let s = 0; s < steps; s++) {
        let change = meanChange[s] as number
        for (let i = 0; i < width; i++) change += (features[i] as number) * (weights[s * width + i] as number)
        out[sample * steps + s] = (last[sample] as number) + change
      }
    }
    return out
  }
}

/** Samples that are added up at a time, which takes a fraction of the time of one by one. */
const BLOCK = 4

const momentsOf = (parts: readonly Samples[]): Moments => {
  const [width, steps] = widthsOf(parts)
  // A row is 1, the features and the changes, so that sums of products of its entries are all that is needed.
  const size = 1 + width + steps
  const sums = new Float64Array(size * size)
  const block = Array.from({ length: BLOCK }, () => new Float64Array(size))
  let n = 0
  for (const { x, y, last } of parts)
    for (let sample = 0; sample < last.length; sample++) {
      const row = block[n % BLOCK] as Float64Array
      row[0] = 1
      for (let i = 0; i < width; i++) row[1 + i] = x[sample * width + i] as number
      let whole = true
      for (let s = 0; s < steps; s++) {
        const change = (y[sample * steps + s] as number) - (last[sample] as number)
        row[1 + width + s] = change
        whole &&= !Number.isNaN(change)
      }
      // One matrix serves all steps, so a sample counts only where all its targets are there.
      if (!whole) continue
      n += 1
      if (n % BLOCK === 0) addProducts(sums, block)
    }
  for (const rest of block.slice(n % BLOCK)) rest.fill(0)
  addProducts(sums, block)
  return standardised(sums, width, steps)
}

/** Features and steps of samples, of which there must be one at least. */
const widthsOf = (parts: readonly Samples[]): [number, number] => {
  const part = parts.find(({ last }) => last.length > 0)
  if (part === undefined) throw new RangeError('there is no sample to fit a ridge to')
  return [part.x.length / part.last.length, part.y.length / part.last.length]
}

/** Adds the products of each two entries of each row, lower triangle. */
const addProducts = (sums: Float64Array, [a, b, c, d]: Float64Array[]): void => {
  if (!(a && b && c && d)) return
  for (let i = 0; i < a.length; i++) {
    const [ai, bi, ci, di] = [a[i] as number, b[i] as number, c[i] as number, d[i] as number]
    const at = i * a.length
    for (let j = 0; j <= i; j++)
      sums[at + j] =
        (sums[at + j] as number) +
        ai * (a[j] as number) +
        bi * (b[j] as number) +
        ci * (c[j] as number) +
        di * (d[j] as number)
  }
}

const standardised = (sums: Float64Array, width: number, steps: number): Moments => {
  const size = 1 + width + steps
  const n = Math.max(sums[0] as number, 1)
  const mean = (i: number): number => (sums[i * size] as number) / n
  const covariance = (i: number, j: number): number => (sums[i * size + j] as number) / n - mean(i) * mean(j)
  const features = Array.from({ length: width }, (_, i) => i + 1)
  const sd = features.map((i) => Math.sqrt(Math.max(covariance(i, i), 0)))
  // A feature that never changes says nothing: it keeps a weight of 0.
  const scale = Float64Array.from(sd, (value) => (value < 1e-6 ? Number.POSITIVE_INFINITY : value))
  const correlation = new Float64Array(width * width)
  const withChange = new Float64Array(width * steps)
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++)
      correlation[i * width + j] = covariance(i + 1, j + 1) / ((scale[i] as number) * (scale[j] as number))
    for (let s = 0; s < steps; s++) withChange[i * steps + s] = covariance(1 + width + s, i + 1) / (scale[i] as number)
  }
  return {
    mean: Float64Array.from(features, mean),
    sd: scale,
    correlation,
    covariance: withChange,
    meanChange: Float64Array.from({ length: steps }, (_, s) => mean(1 + width + s)),
  }
}
