import { type Constant, type Operation, writeOnnx } from '../onnx/write.ts'
import type { Fitted } from './train/fitted.ts'

/** Names of what goes in and out of a model. */
export const INPUT = 'features'
export const OUTPUTS = ['p10', 'p50', 'p90'] as const

/**
 * A fitted network as an ONNX file: `features` [batch, inputs] as they are, in the unit → `p10`, `p50`, `p90`
 * [batch, steps] in the unit. `metadata` goes into the file, too.
 */
export const onnxOf = (fitted: Fitted, metadata: Readonly<Record<string, string>> = {}): Uint8Array => {
  const { sizes, mean, sd, newest, centre, scale, low, high, conformal } = fitted
  const steps = (sizes.at(-1) ?? 0) / OUTPUTS.length
  const layers = layersOf(fitted)
  return writeOnnx({
    name: 'traffic',
    inputs: [{ name: INPUT, shape: ['batch', mean.length] }],
    outputs: OUTPUTS.map((name) => ({ name, shape: ['batch', steps] })),
    metadata,
    constants: [
      vector('mean', mean),
      vector('sd', sd),
      ...layers.constants,
      single('scale', scale),
      { name: 'newest', dims: [1], data: BigInt64Array.of(BigInt(newest)) },
      single('centre', centre),
      single('zero', 0),
      vector('conformal', conformal),
      single('low', low),
      single('high', high),
    ],
    operations: [
      does('Sub', [INPUT, 'mean'], 'centred'),
      does('Div', ['centred', 'sd'], 'layer0'),
      ...layers.operations,
      does('Mul', [layers.last, 'scale'], 'change'),
      { ...does('Gather', [INPUT, 'newest'], 'lastCentred'), attributes: { axis: 1 } },
      does('Add', ['lastCentred', 'centre'], 'last'),
      does('Add', ['change', 'last'], 'raw'),
      // What overflowed must not be clipped into a number that looks right: infinity × 0 is NaN, which stays.
      does('Mul', ['raw', 'zero'], 'mark'),
      does('Add', ['raw', 'mark'], 'marked'),
      { operator: 'Split', inputs: ['marked'], outputs: ['lower', 'median', 'upper'], attributes: { axis: 1 } },
      does('Min', ['lower', 'median'], 'lowerSorted'),
      does('Sub', ['lowerSorted', 'conformal'], 'lowerMoved'),
      does('Min', ['lowerMoved', 'median'], 'lowerBand'),
      does('Max', ['upper', 'median'], 'upperSorted'),
      does('Add', ['upperSorted', 'conformal'], 'upperMoved'),
      does('Max', ['upperMoved', 'median'], 'upperBand'),
      does('Clip', ['lowerBand', 'low', 'high'], 'p10'),
      does('Clip', ['median', 'low', 'high'], 'p50'),
      does('Clip', ['upperBand', 'low', 'high'], 'p90'),
    ],
  })
}

const layersOf = ({ sizes, weights, biases }: Fitted) => {
  const constants: Constant[] = []
  const operations: Operation[] = []
  let last = 'layer0'
  weights.forEach((data, nth) => {
    const [inputs = 0, outputs = 0] = sizes.slice(nth)
    constants.push({ name: `weights${nth}`, dims: [inputs, outputs], data })
    constants.push(vector(`biases${nth}`, biases[nth] ?? new Float32Array(outputs)))
    const sum = `sum${nth}`
    operations.push(does('Gemm', [last, `weights${nth}`, `biases${nth}`], sum))
    last = sum
    if (nth === weights.length - 1) return
    last = `layer${nth + 1}`
    operations.push(does('Relu', [sum], last))
  })
  return { constants, operations, last }
}

const does = (operator: string, inputs: string[], output: string): Operation => ({
  ...{ operator, inputs },
  outputs: [output],
})
const vector = (name: string, data: Float32Array): Constant => ({ name, dims: [data.length], data })
const single = (name: string, value: number): Constant => ({ name, dims: [], data: Float32Array.of(value) })
