/**
 * Solves A × X = B for a symmetric, positive definite A (n × n, only its lower triangle is read) and B of n × columns,
 * row by row; throws RangeError where A is not positive definite.
 */
export const solve = (a: Float64Array, b: Float64Array, n: number): Float64Array => {
  const columns = b.length / n
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] as number
      for (let k = 0; k < j; k++) sum -= (l[i * n + k] as number) * (l[j * n + k] as number)
      if (i > j) l[i * n + j] = sum / (l[j * n + j] as number)
      else if (sum > 0) l[i * n + i] = Math.sqrt(sum)
      else throw new RangeError(`the matrix is not positive definite at ${i}`)
    }
  const x = Float64Array.from(b)
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let sum = x[i * columns + c] as number
      for (let k = 0; k < i; k++) sum -= (l[i * n + k] as number) * (x[k * columns + c] as number)
      x[i * columns + c] = sum / (l[i * n + i] as number)
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i * columns + c] as number
      for (let k = i + 1; k < n; k++) sum -= (l[k * n + i] as number) * (x[k * columns + c] as number)
      x[i * columns + c] = sum / (l[i * n + i] as number)
    }
  }
  return x
}
