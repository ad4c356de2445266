import type { Numbers } from './kernel.ts'

const FIRST = 0.9
const SECOND = 0.999
const EPSILON = 1e-8

/** One-cycle (Smith 2018): the rate at `share` (0..1) of the way; it rises over the first part and falls to nothing, both as a cosine. */
export const oneCycle = (share: number, peak: number): number => {
  const RISE = 0.3
  const START = 1 / 25
  return share < RISE
    ? peak * (START + ((1 - START) * (1 - Math.cos((Math.PI * share) / RISE))) / 2)
    : (peak * (1 + Math.cos((Math.PI * (share - RISE)) / (1 - RISE)))) / 2
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019): each call goes a step and sets the gradients back to 0. */
export const makeAdamW = (parameters: Numbers, gradients: Numbers, decay: number): ((rate: number) => void) => {
  const first = new Float64Array(parameters.length)
  const second = new Float64Array(parameters.length)
  let firstPower = 1
  let secondPower = 1
  return (rate) => {
    firstPower *= FIRST
    secondPower *= SECOND
    const stride = rate / (1 - firstPower)
    const correction = 1 / (1 - secondPower)
    for (let i = 0; i < parameters.length; i += 1) {
      const gradient = gradients[i] as number
      const mean = FIRST * (first[i] as number) + (1 - FIRST) * gradient
      const square = SECOND * (second[i] as number) + (1 - SECOND) * gradient * gradient
      first[i] = mean
      second[i] = square
      const kept = (parameters[i] as number) * (1 - rate * decay)
      parameters[i] = kept - (stride * mean) / (Math.sqrt(square * correction) + EPSILON)
      gradients[i] = 0
    }
  }
}
