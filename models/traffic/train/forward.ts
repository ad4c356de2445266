import type { Fitted } from './fitted.ts'
import { padded, simdKernel } from './kernel.ts'
import { makeNetwork, type Network, roomFor } from './network.ts'
import { QUANTILES } from './pinball.ts'

/** Rows that go through a network at a time: what they take stays in the cache of a core. */
export const BLOCK_ROWS = 64

/** The band and the median of each sample at each step: samples × steps, in the unit. */
export interface Bands {
  p10: Float32Array
  p50: Float32Array
  p90: Float32Array
}

/** What a fitted network forecasts from rows of features: the same numbers as its ONNX file gives, by the trainer's own code. */
export const forecastWith = (fitted: Fitted, x: Float32Array): Bands => {
  const { conformal, low, high } = fitted
  const steps = conformal.length
  const bands = rawBands(fitted, x)
  const within = (value: number) => Math.min(Math.max(value, low), high)
  for (let at = 0; at < bands.p50.length; at += 1) {
    const median = bands.p50[at] as number
    const wider = conformal[at % steps] as number
    bands.p10[at] = within(Math.min((bands.p10[at] as number) - wider, median))
    bands.p50[at] = within(median)
    bands.p90[at] = within(Math.max((bands.p90[at] as number) + wider, median))
  }
  return bands
}

/** The same before the band is widened and all is clipped; no head crosses the median. */
export const rawBands = (fitted: Fitted, x: Float32Array): Bands => {
  const { sizes, mean, sd, newest, centre, scale } = fitted
  const features = mean.length
  const steps = (sizes.at(-1) as number) / QUANTILES.length
  const kernel = simdKernel(roomFor(sizes, BLOCK_ROWS))
  const network = makeNetwork(kernel, sizes, BLOCK_ROWS)
  putWeights(network, fitted)
  const rows = x.length / features
  const [p10, p50, p90] = [0, 1, 2].map(() => new Float32Array(rows * steps)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const width = padded(steps * QUANTILES.length)
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows - from)
    for (let row = 0; row < count; row += 1) putRow(network, row, x, from + row, mean, sd)
    network.forward()
    for (let row = 0; row < count; row += 1) {
      const last = (x[(from + row) * features + newest] as number) + centre
      for (let step = 0; step < steps; step += 1) {
        const head = (nth: number) => last + scale * (network.output[row * width + nth * steps + step] as number)
        const at = (from + row) * steps + step
        const median = head(1)
        p10[at] = Math.min(head(0), median)
        p50[at] = median
        p90[at] = Math.max(head(2), median)
      }
    }
  }
  return { p10, p50, p90 }
}

/** Puts a row of features into a block, standardised. */
export const putRow = (
  { input }: Network,
  row: number,
  x: Float32Array,
  from: number,
  mean: Float32Array,
  sd: Float32Array,
): void => {
  const features = mean.length
  const to = row * padded(features)
  for (let i = 0; i < features; i += 1)
    input[to + i] = ((x[from * features + i] as number) - (mean[i] as number)) / (sd[i] as number)
}

const putWeights = ({ layers }: Network, { sizes, weights, biases }: Fitted): void => {
  for (const [at, layer] of layers.entries()) {
    const [inputs = 0, outputs = 0] = sizes.slice(at)
    const from = weights[at] as Float32Array
    for (let i = 0; i < inputs; i += 1)
      layer.weights.set(from.subarray(i * outputs, (i + 1) * outputs), i * layer.outputs)
    layer.biases.set(biases[at] as Float32Array)
  }
}

/** The weights and biases of a network, without what pads them. */
export const takeWeights = ({ layers }: Network, sizes: readonly number[]): Pick<Fitted, 'weights' | 'biases'> => ({
  weights: layers.map((layer, at) => {
    const [inputs = 0, outputs = 0] = sizes.slice(at)
    const taken = new Float32Array(inputs * outputs)
    for (let i = 0; i < inputs; i += 1)
      taken.set(layer.weights.subarray(i * layer.outputs, i * layer.outputs + outputs), i * outputs)
    return taken
  }),
  biases: layers.map(({ biases }, at) => Float32Array.from(biases.subarray(0, sizes[at + 1]))),
})
