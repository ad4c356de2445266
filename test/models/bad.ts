import { createHash } from 'node:crypto'
import { bytesField, joined, numberField } from '#models/onnx/protobuf.ts'
import { writeOnnx } from '#models/onnx/write.ts'
import type { ModelFiles, Sidecar } from '#models/traffic/sidecar.ts'
import { onnxOf } from '#models/traffic/to-onnx.ts'
import { literalFitted, literalModel } from './literal.ts'

const SEGMENTS = ['a', 'b']
/** A model that fits. */
export const GOOD = literalModel({ segments: SEGMENTS })
const sidecar = (over: object): string => JSON.stringify({ ...JSON.parse(GOOD.sidecar), ...over })
const fitted = literalFitted({ segments: SEGMENTS })
/** With bytes of its own, whose hash the sidecar names. */
const withOnnx = (onnx: Uint8Array, over: Partial<Sidecar> = {}) => literalModel({ segments: SEGMENTS }, { onnx, over })
/** With another text, whose hash the sidecar names. */
const withText = (name: 'statistics' | 'golden', text: string, more: object = {}): ModelFiles => ({
  ...GOOD,
  [name]: text,
  sidecar: sidecar({ [name]: { ...more, sha256: createHash('sha256').update(text).digest('hex') } }),
})
const flipped = (bytes: Uint8Array, at: number) => bytes.map((value, nth) => (nth === at ? value ^ 1 : value))
const sensors = JSON.parse(GOOD.statistics).sensors

/** A model of one operation, that is as wide as it must be. */
const operationModel = (operator: string) =>
  writeOnnx({
    name: 'x',
    inputs: [{ name: 'features', shape: ['batch', 48] }],
    outputs: ['p10', 'p50', 'p90'].map((name) => ({ name, shape: ['batch', 12] })),
    operations: [{ operator, inputs: ['features'], outputs: ['p10'] }],
    constants: [],
    metadata: {},
  })
const externalData = () => {
  const entry = joined(bytesField(1, 'location'), bytesField(2, '../../secrets/operator-token'))
  const graph = bytesField(5, joined(bytesField(8, 'w'), bytesField(13, entry)))
  return joined(numberField(1, 8), bytesField(7, graph), bytesField(8, numberField(2, 17)))
}
const ofThreeSteps = () => {
  const [first, second] = fitted.weights as [Float32Array, Float32Array]
  const biases = [...fitted.biases.slice(0, 2), new Float32Array(9)]
  return onnxOf({ ...fitted, sizes: [48, 3, 1, 9], weights: [first, second, new Float32Array(9)], biases })
}

/** Of large values that change little, with golden answers a bit off: 0.004 are two steps of float32 there. */
const largeModel = (off: number): ModelFiles => {
  const scaling = { centre: 20_000, scale: 5, low: 0, high: 40_000 }
  const { features } = JSON.parse(GOOD.golden)
  const answers = (more: number) => [-30, 0, 30].map((change) => Array(12).fill(20_000 + change + more))
  const golden = JSON.stringify({ features, p10: answers(-2.5), p50: answers(off), p90: answers(2.5) })
  const sha256 = createHash('sha256').update(golden).digest('hex')
  return { ...withOnnx(onnxOf({ ...fitted, ...scaling }), { scaling, golden: { sha256 } }), golden }
}
export const LARGE = largeModel(0.004)

/** What is wrong with a model, its files, and what is said of it. */
export const BAD: [string, ModelFiles, string][] = [
  ['cut in half', { ...GOOD, onnx: GOOD.onnx.subarray(0, 700) }, 'model.onnx has the SHA-256'],
  ['with one bit changed', { ...GOOD, onnx: flipped(GOOD.onnx, 900) }, 'model.onnx has the SHA-256'],
  [
    'with other statistics',
    { ...GOOD, statistics: GOOD.statistics.replace('50', '51') },
    'statistics.json has the SHA-256',
  ],
  ['with other golden rows', { ...GOOD, golden: GOOD.golden.replace('20', '21') }, 'golden.json has the SHA-256'],
  ['whose sidecar is no JSON', { ...GOOD, sidecar: '{' }, 'model.json is no JSON'],
  ['whose sidecar says less', { ...GOOD, sidecar: sidecar({ unit: undefined }) }, 'model.json: unit'],
  ['of garbage that the sidecar names', withOnnx(new Uint8Array(1000).fill(7)), 'model.onnx is no ONNX file'],
  ['with external data', withOnnx(externalData()), 'external data'],
  ['with an operator of its own', withOnnx(operationModel('com.example.Run')), 'the operator "com.example.Run"'],
  [
    'with a narrow input',
    withOnnx(onnxOf({ ...fitted, mean: new Float32Array(40), sd: new Float32Array(40) })),
    'features [batch, 40]',
  ],
  [
    'with other steps',
    withOnnx(ofThreeSteps(), {
      onnx: {
        ...JSON.parse(GOOD.sidecar).onnx,
        weights: 48 * 3 + 3 + 3 + 1 + 9 + 9,
        sha256: createHash('sha256').update(ofThreeSteps()).digest('hex'),
      },
    }),
    'p10 [batch, 3]',
  ],
  ['whose layers do not fit', withOnnx(onnxOf({ ...fitted, sizes: [48, 1, 3, 36] })), 'bytes and needs'],
  [
    'that ONNX Runtime cannot build',
    withOnnx(onnxOf({ ...fitted, conformal: new Float32Array(7) })),
    'ONNX Runtime does not take',
  ],
  ['that ONNX Runtime cannot run', withOnnx(onnxOf({ ...fitted, newest: 99 })), 'ONNX Runtime does not run model.onnx'],
  [
    'of other operators than it says',
    withOnnx(GOOD.onnx, { onnx: { ...JSON.parse(GOOD.sidecar).onnx, opset: 13 } }),
    'opset is 17',
  ],
  ['with features of another version', { ...GOOD, sidecar: sidecar({ features: Array(48).fill('x') }) }, 'train anew'],
  [
    'with other horizons',
    { ...GOOD, sidecar: sidecar({ horizons: [{ minutes: 15, step: 4 }] }) },
    'steps of 300000 ms are forecast',
  ],
  [
    'with a profile of too few times',
    withText('statistics', JSON.stringify({ sensors: sensors.map((one: object) => ({ ...one, weekday: [1] })) }), {
      sensors: 2,
    }),
    "the profile of 'a' has 1 times",
  ],
  [
    'with a sensor twice',
    withText('statistics', JSON.stringify({ sensors: [sensors[0], sensors[0]] }), { sensors: 2 }),
    'names a sensor twice',
  ],
  [
    'with a mean beyond float32',
    withText('statistics', GOOD.statistics.replace('"mean":50', '"mean":1e39'), { sensors: 2 }),
    "statistics.json: 'a' has 1e+39",
  ],
  ['with a zone nobody knows', { ...GOOD, sidecar: sidecar({ timeZone: 'Europe/Nowhere' }) }, 'Europe/Nowhere'],
  [
    'whose answers are not the golden ones',
    withOnnx(onnxOf({ ...fitted, centre: 51 })),
    'p10 of row 0, step 1 is 15; the model answers 16',
  ],
  ['of large values whose answers are not the golden ones', largeModel(0.05), 'p50 of row 0, step 1 is 19970.05'],
  ['that answers NaN', withOnnx(onnxOf({ ...fitted, sd: new Float32Array(48) })), 'the model answers NaN'],
  ['that overflows at extremes', withOnnx(onnxOf(overflowing())), 'answers extreme readings with'],
]

/** As it should be up to a change of 60 km/h between two readings, which no golden row has. */
function overflowing() {
  const first = new Float32Array(48 * 3)
  first[0] = 1
  return {
    ...fitted,
    weights: [first, Float32Array.of(1e10, 0, 0), new Float32Array(36).fill(1e38)],
    biases: [Float32Array.of(-60, 0, 0), new Float32Array(1), fitted.biases[2] as Float32Array],
  }
}
