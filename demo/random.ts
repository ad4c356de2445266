const { imul, floor } = Math
const SQRT_3 = Math.sqrt(3)

/** A number in [0, 1) that depends on nothing but its seeds (splitmix32 over each; the integer part of a seed counts). */
export const uniform = (...seeds: number[]): number => {
  let state = 0x9e3779b9
  for (const seed of seeds) {
    state = (state ^ floor(seed)) + 0x9e3779b9
    state = imul(state ^ (state >>> 16), 0x21f0aaad)
    state = imul(state ^ (state >>> 15), 0x735a2d97)
    state ^= state >>> 15
  }
  return (state >>> 0) / 2 ** 32
}

/** A number around 0 with variance 1 that depends on nothing but its seeds (the sum of four uniform ones, scaled). */
export const normal = (...seeds: number[]): number => {
  let sum = -2
  for (let i = 0; i < 4; i += 1) sum += uniform(...seeds, i)
  return sum * SQRT_3
}

/** Noise in [-1, 1) along `x` that depends on nothing but its seeds and is smooth between whole numbers. */
export const smoothNoise = (x: number, ...seeds: number[]): number => {
  const left = floor(x)
  const t = x - left
  const at = (n: number) => 2 * uniform(...seeds, n) - 1
  return at(left) + (at(left + 1) - at(left)) * t * t * (3 - 2 * t)
}
