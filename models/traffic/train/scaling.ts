import type { Samples } from '../samples.ts'
import { rounded } from '../usual.ts'
import type { Fitted } from './fitted.ts'

/** Mean and spread of each column of the features; a column that never changes is left as it is. */
export const columnsOf = (x: Float32Array, features: number): Pick<Fitted, 'mean' | 'sd'> => {
  const rows = x.length / features
  const sum = new Float64Array(features)
  const squares = new Float64Array(features)
  for (let at = 0; at < x.length; at += features)
    for (let i = 0; i < features; i += 1) (sum[i] as number) += x[at + i] as number
  const mean = Float32Array.from(sum, (total) => total / rows)
  for (let at = 0; at < x.length; at += features)
    for (let i = 0; i < features; i += 1) (squares[i] as number) += ((x[at + i] as number) - (mean[i] as number)) ** 2
  const sd = Float32Array.from(squares, (total) => Math.sqrt(total / rows))
  return { mean, sd: sd.map((value) => (value > 1e-6 ? value : 1)) }
}

/**
 * How much readings change within the hour (root mean square), and the limits of what is forecast: the greatest and the
 * least reading, 0 where none is negative.
 */
export const limitsOf = ({ y, last }: Pick<Samples, 'y' | 'last'>): Pick<Fitted, 'scale' | 'low' | 'high'> => {
  const steps = y.length / last.length
  let [n, squares, low, high] = [0, 0, 0, Number.NEGATIVE_INFINITY]
  for (let row = 0; row < last.length; row += 1) {
    const newest = last[row] as number
    for (let at = row * steps; at < (row + 1) * steps; at += 1) {
      const value = y[at] as number
      if (Number.isNaN(value)) continue
      n += 1
      squares += (value - newest) ** 2
      low = Math.min(low, value)
      high = Math.max(high, value, newest)
    }
  }
  return {
    scale: rounded(Math.sqrt(squares / n)) || 1,
    low: rounded(low),
    high: Math.max(rounded(high), rounded(low) + 1),
  }
}
