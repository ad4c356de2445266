import { describe, expect, it } from '@jest/globals'
import { padded, plainKernel } from './kernel.ts'
import { makeNetwork } from './network.ts'
import { pinball, QUANTILES } from './pinball.ts'
import { randomFrom } from './random.ts'

const FEATURES = 5
const STEPS = 3
const ROWS = 8
/** Of the rows of the block the last one is not there. */
const FILLED = 7

/** A tiny network of three layers with targets, some of them missing, all in float64. */
const setUp = () => {
  const random = randomFrom(3)
  const outputs = QUANTILES.length * STEPS
  const network = makeNetwork(plainKernel(), [FEATURES, 6, 7, outputs], ROWS)
  const around0 = () => 2 * random() - 1
  const real = [[FEATURES, 6] as const, [6, 7] as const, [7, outputs] as const]
  for (const [at, layer] of network.layers.entries()) {
    const [inputs, width] = real[at] as readonly [number, number]
    for (let i = 0; i < inputs; i += 1)
      for (let j = 0; j < width; j += 1) layer.weights[i * layer.outputs + j] = around0()
    for (let j = 0; j < width; j += 1) layer.biases[j] = around0()
  }
  network.changed()
  const stride = padded(FEATURES)
  for (let row = 0; row < FILLED; row += 1)
    for (let i = 0; i < FEATURES; i += 1) network.input[row * stride + i] = 2 * around0()
  const targets = Float64Array.from({ length: FILLED * STEPS }, (_, i) => (i % 5 === 4 ? Number.NaN : 2 * around0()))
  const block = { rows: FILLED, steps: STEPS, width: padded(outputs) }
  const loss = () => {
    network.forward()
    return pinball(network.output, targets, network.outputGradients, block, 1)
  }
  return { network, targets, loss, block }
}

/** What central differences say of the gradient by one parameter. */
const difference = (values: { [at: number]: number }, at: number, loss: () => number): number => {
  const kept = values[at] as number
  const by = 1e-6
  values[at] = kept + by
  const above = loss()
  values[at] = kept - by
  const below = loss()
  values[at] = kept
  return (above - below) / (2 * by)
}

/** |a − b|, relative to the larger of them. */
const apart = (a: number, b: number): number => Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), 1e-3)

describe('the gradients', () => {
  it('are those of finite differences in each layer', () => {
    const { network, loss } = setUp()
    loss()
    network.backward()
    const gradients = network.gradients.slice()
    let checked = 0
    for (const [at, gradient] of gradients.entries()) {
      const expected = difference(network.parameters, at, loss)
      expect(apart(gradient, expected)).toBeLessThan(1e-4)
      if (expected !== 0) checked += 1
    }
    // 5 × 6, 6 × 7 and 7 × 9 weights with their biases, less what rectified units leave out.
    expect(checked).toBeGreaterThan(100)
  })

  it.each(QUANTILES.map((quantile, head) => [quantile, head]))('are those of the head P%d alone', (quantile, head) => {
    const { network, targets, loss, block } = setUp()
    const headLoss = () => {
      network.forward()
      let sum = 0
      for (let row = 0; row < block.rows; row += 1)
        for (let step = 0; step < STEPS; step += 1) {
          const missing =
            (targets[row * STEPS + step] as number) -
            (network.output[row * block.width + head * STEPS + step] as number)
          if (!Number.isNaN(missing)) sum += Math.max(quantile * missing, (quantile - 1) * missing)
        }
      return sum
    }
    loss()
    for (let at = 0; at < network.outputGradients.length; at += 1) {
      const place = at % block.width
      if (place < head * STEPS || place >= (head + 1) * STEPS) network.outputGradients[at] = 0
    }
    network.backward()
    for (const [at, gradient] of network.gradients.slice().entries())
      expect(apart(gradient, difference(network.parameters, at, headLoss))).toBeLessThan(1e-4)
  })

  it('would not pass with a head that is turned round', () => {
    const { network, loss } = setUp()
    loss()
    for (let at = 0; at < network.outputGradients.length; at += 1) (network.outputGradients[at] as number) *= -1
    network.backward()
    const wrong = network.gradients.slice()
    const worst = Math.max(
      ...[...wrong].map((gradient, at) => apart(gradient, difference(network.parameters, at, loss))),
    )
    expect(worst).toBeGreaterThan(1)
  })

  it('are 0 where all targets are missing', () => {
    const { network, targets, loss } = setUp()
    targets.fill(Number.NaN)
    expect(loss()).toBe(0)
    network.backward()
    expect(network.gradients.every((gradient) => gradient === 0)).toBe(true)
  })
})
