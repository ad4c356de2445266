import type { Numbers } from './kernel.ts'

/** The heads of the network, in the order of its outputs: each has an output for every step ahead. */
export const QUANTILES = [0.1, 0.5, 0.9] as const

/** Places of a block's outputs and targets. */
export interface Block {
  rows: number
  steps: number
  /** Numbers in a row of the outputs. */
  width: number
}

/**
 * The sum of the pinball losses of a block over all heads, and into `gradients` its gradient by each output, times
 * `factor`. `targets` is rows × steps; where it is NaN there was nothing to meet.
 */
export const pinball = (
  outputs: Numbers,
  targets: Numbers,
  gradients: Numbers,
  { rows, steps, width }: Block,
  factor: number,
): number => {
  let loss = 0
  gradients.fill(0)
  for (let row = 0; row < rows; row += 1)
    for (let step = 0; step < steps; step += 1) {
      const target = targets[row * steps + step] as number
      if (Number.isNaN(target)) continue
      for (let head = 0; head < QUANTILES.length; head += 1) {
        const share = QUANTILES[head] as number
        const at = row * width + head * steps + step
        const missing = target - (outputs[at] as number)
        loss += missing > 0 ? share * missing : (share - 1) * missing
        gradients[at] = missing > 0 ? -share * factor : (1 - share) * factor
      }
    }
  return loss
}
