import { type Kernel, type Numbers, padded } from './kernel.ts'

interface Layer {
  inputs: number
  outputs: number
  /** inputs × outputs, padded as the kernel wants it; what lies beyond the layer is and stays 0. */
  weights: Numbers
  biases: Numbers
  weightGradients: Numbers
  biasGradients: Numbers
  /** outputs × inputs, as the way back wants them. */
  transposed: Numbers
  /** What the layer gives for each row, and the gradient of the loss by it. */
  values: Numbers
  gradients: Numbers
}

/** Layers of sums with rectifiers between them, over blocks of rows. */
export interface Network {
  /** All weights and biases, one after the other, and the gradients of the loss by them. */
  parameters: Numbers
  gradients: Numbers
  /** Where in them each layer's weights and biases begin, and how many there are; padded. */
  layers: readonly Layer[]
  /** rows × features, padded: to be filled before `forward`. */
  input: Numbers
  /** rows × outputs, padded, and the gradient of the loss by them: to be filled before `backward`. */
  output: Numbers
  outputGradients: Numbers
  /** To be called once parameters have changed, before the next `backward`. */
  changed(): void
  forward(): void
  /** Adds to `gradients` what the rows of the last `forward` give. */
  backward(): void
}

/** How many numbers of a kernel a network takes. */
export const roomFor = (sizes: readonly number[], rows: number): number =>
  pairs(sizes).reduce(
    (room, [inputs, outputs]) => room + 3 * inputs * outputs + 2 * outputs + 2 * rows * outputs + 256,
    rows * padded(sizes[0] as number) + 256,
  )

const pairs = (sizes: readonly number[]): [number, number][] =>
  sizes.slice(1).map((outputs, i) => [padded(sizes[i] as number), padded(outputs)])

/** A network of these sizes (features, hidden layers, outputs) for blocks of so many rows, a multiple of 4; all weights are 0. */
export const makeNetwork = (kernel: Kernel, sizes: readonly number[], rows: number): Network => {
  const shapes = pairs(sizes)
  const count = shapes.reduce((sum, [inputs, outputs]) => sum + (inputs + 1) * outputs, 0)
  const parameters = kernel.numbers(count)
  const gradients = kernel.numbers(count)
  const input = kernel.numbers(rows * padded(sizes[0] as number))
  let at = 0
  const part = (length: number) => {
    at += length
    return [parameters.subarray(at - length, at), gradients.subarray(at - length, at)] as const
  }
  const layers = shapes.map(([inputs, outputs]): Layer => {
    const [weights, weightGradients] = part(inputs * outputs)
    const [biases, biasGradients] = part(outputs)
    const transposed = kernel.numbers(inputs * outputs)
    const values = kernel.numbers(rows * outputs)
    const gradients = kernel.numbers(rows * outputs)
    return { inputs, outputs, weights, biases, weightGradients, biasGradients, transposed, values, gradients }
  })
  const last = layers.at(-1) as Layer

  const changed = () => layers.forEach(transpose)
  const forward = (): void => {
    let from = input
    for (const layer of layers) {
      if (layer !== layers[0]) kernel.rectify(from)
      for (let row = 0; row < rows; row += 1) layer.values.set(layer.biases, row * layer.outputs)
      kernel.multiplyAdd(from, false, layer.weights, layer.values, rows, layer.outputs, layer.inputs)
      from = layer.values
    }
  }
  const backward = (): void => {
    for (let i = layers.length - 1; i >= 0; i -= 1) {
      const layer = layers[i] as Layer
      const before = layers[i - 1]
      const from = before?.values ?? input
      kernel.multiplyAdd(from, true, layer.gradients, layer.weightGradients, layer.inputs, layer.outputs, rows)
      addRows(layer.gradients, layer.biasGradients)
      if (before === undefined) continue
      before.gradients.fill(0)
      kernel.multiplyAdd(layer.gradients, false, layer.transposed, before.gradients, rows, layer.inputs, layer.outputs)
      kernel.stopWhere0(before.gradients, before.values)
    }
  }
  return {
    ...{ parameters, gradients, layers, input, changed, forward, backward },
    ...{ output: last.values, outputGradients: last.gradients },
  }
}

const addRows = (rows: Numbers, sums: Numbers): void => {
  const width = sums.length
  for (let at = 0; at < rows.length; at += width)
    for (let column = 0; column < width; column += 1) (sums[column] as number) += rows[at + column] as number
}

const transpose = ({ inputs, outputs, weights, transposed }: Layer): void => {
  for (let i = 0; i < inputs; i += 1)
    for (let j = 0; j < outputs; j += 1) transposed[j * inputs + i] = weights[i * outputs + j] as number
}
