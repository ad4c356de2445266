import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { inspectOnnx } from './inspect.ts'
import { ModelError } from './model-error.ts'

/** A field of the wire format written here by hand: bytes, a text or a whole number below 128. */
const field = (number: number, value: Uint8Array | string | number): Uint8Array => {
  const tag = number * 8 + (typeof value === 'number' ? 0 : 2)
  const key = tag < 128 ? [tag] : [(tag % 128) + 128, tag >> 7]
  if (typeof value === 'number') return Uint8Array.from([...key, value])
  const bytes = Buffer.from(value)
  const size = bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) + 128, bytes.length >> 7]
  return Uint8Array.from([...key, ...size, ...bytes])
}
const all = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

const port = (name: string, width: number) => {
  const shape = all(field(1, field(2, 'batch')), field(1, field(1, width)))
  return all(field(1, name), field(2, field(1, all(field(1, 1), field(2, shape)))))
}
const constant = (...parts: Uint8Array[]) => field(5, all(...parts))
const weights = constant(field(1, 2), field(1, 1), field(2, 1), field(8, 'w'), field(9, new Uint8Array(8)))
const biases = constant(field(1, 1), field(2, 1), field(8, 'b'), field(9, new Uint8Array(4)))
const taking = (inputs: string[], operator: string, ...parts: Uint8Array[]) =>
  field(1, all(...inputs.map((input) => field(1, input)), field(2, 'y'), field(4, operator), ...parts))
const operation = (operator: string, ...parts: Uint8Array[]) => taking(['x', 'w', 'b'], operator, ...parts)
const attribute = (name: string, value: number) => field(5, all(field(1, name), field(3, value), field(20, 2)))
/** Places of columns. */
const places = (...dims: number[]) => {
  const length = dims.reduce((product, dim) => product * dim, 1)
  const data = field(9, new Uint8Array(8 * length))
  return constant(...dims.map((dim) => field(1, dim)), field(2, 7), field(8, 'at'), data)
}

interface Parts {
  ir: Uint8Array
  opset: Uint8Array
  graph: Uint8Array[]
  more: Uint8Array[]
}
const PLAIN: Parts = {
  ir: field(1, 8),
  opset: field(8, all(field(1, ''), field(2, 17))),
  graph: [operation('Gemm'), weights, biases, field(11, port('x', 2)), field(12, port('y', 1))],
  more: [],
}
const model = (change: Partial<Parts> = {}) => {
  const { ir, opset, graph, more } = { ...PLAIN, ...change }
  return all(ir, field(7, all(...graph)), opset, ...more)
}
const withGraph = (...more: Uint8Array[]) => model({ graph: [...PLAIN.graph, ...more] })

const COLUMN = 'a Gather must be of one column of the input'

describe('an ONNX file', () => {
  it('says what goes in and out', () => {
    expect(inspectOnnx(model({ more: [field(14, all(field(1, 'unit'), field(2, 'KMH')))] }))).toEqual({
      irVersion: 8,
      opset: 17,
      inputs: [{ name: 'x', shape: ['batch', 2] }],
      outputs: [{ name: 'y', shape: ['batch', 1] }],
      weights: 3,
      metadata: { unit: 'KMH' },
    })
  })

  it('may take one column of its input', () => {
    const column = taking(['x', 'at'], 'Gather', attribute('axis', 1))
    expect(inspectOnnx(withGraph(places(1), column)).weights).toBe(3)
  })

  const tensor = (...parts: Uint8Array[]) => withGraph(constant(field(8, 'c'), ...parts))
  it.each<[string, Uint8Array, string]>([
    ['that is empty', new Uint8Array(), 'has 0 of IR version'],
    ['that is text', Buffer.from('not a model'), 'no ONNX file'],
    ['that is cut', model().subarray(0, 60), 'no ONNX file'],
    ['larger than 16 MiB', new Uint8Array(2 ** 24 + 1), '16777216 is the most'],
    ['of an old version', model({ ir: field(1, 3) }), 'IR version 3'],
    ['of old operators', model({ opset: field(8, field(2, 9)) }), 'operator set 9'],
    ['with two sets of operators', model({ more: [field(8, field(2, 17))] }), 'has 2 of operator set'],
    [
      'with operators of somebody',
      model({ opset: field(8, all(field(1, 'com.microsoft'), field(2, 1))) }),
      '"com.microsoft"',
    ],
    ['with an operator of somebody', withGraph(operation('Gemm', field(7, 'own'))), 'the operator "Gemm" of "own"'],
    ['with an operator that loops', withGraph(operation('Loop')), 'the operator "Loop"'],
    [
      'with a graph inside',
      withGraph(operation('Relu', field(5, all(field(1, 'body'), field(6, ''))))),
      'a graph inside',
    ],
    ['with functions', model({ more: [field(25, '')] }), 'functions of its own'],
    ['with training steps', model({ more: [field(20, '')] }), 'training steps'],
    [
      'with external data',
      tensor(field(2, 1), field(13, all(field(1, 'location'), field(2, '/etc/passwd')))),
      'external data',
    ],
    ['with data elsewhere', tensor(field(2, 1), field(9, new Uint8Array(4)), field(14, 1)), 'external data'],
    ['with sparse constants', withGraph(field(15, '')), 'sparse constants'],
    [
      'with too few bytes',
      tensor(field(1, 2), field(2, 1), field(9, new Uint8Array(4))),
      '"c" has 4 bytes and needs 8',
    ],
    ['with constants of text', tensor(field(2, 8), field(9, '')), 'neither float nor int64'],
    [
      'with three dimensions',
      tensor(field(1, 1), field(1, 1), field(1, 1), field(2, 1), field(9, new Uint8Array(4))),
      '1 × 1 × 1',
    ],
    ['with a number where a text is', withGraph(field(2, 1)), 'the name of the graph is no bytes'],
    ['with text that is none', withGraph(field(2, Uint8Array.of(0xff))), 'the name of the graph is no text'],
    ['with a field nobody knows', model({ more: [field(9, 1)] }), 'a field 9 in the model'],
    ['with a name of a page', withGraph(field(11, port('x'.repeat(300), 2))), 'at most 256 characters'],
    [
      'with a wide constant that no layer takes',
      withGraph(taking(['x', 'w'], 'Add')),
      '"w" is 2 × 1, which only a Gemm',
    ],
    ['with a layer of constants', withGraph(taking(['w', 'w', 'b'], 'Gemm')), 'a Gemm must be of a batch'],
    ['with a layer turned over', withGraph(operation('Gemm', attribute('transA', 1))), 'a Gemm must be of a batch'],
    ['that copies columns', withGraph(places(9), taking(['x', 'at'], 'Gather', attribute('axis', 1))), COLUMN],
    ['that copies rows', withGraph(places(1), taking(['x', 'at'], 'Gather', attribute('axis', 0))), COLUMN],
    [
      'that turns a column into a row',
      withGraph(places(), taking(['x', 'at'], 'Gather', attribute('axis', 1))),
      COLUMN,
    ],
    ['that copies what it made', withGraph(places(1), taking(['y', 'at'], 'Gather', attribute('axis', 1))), COLUMN],
    ['of a hundred operations', withGraph(...Array(100).fill(taking(['x', 'b'], 'Add'))), '64 are the most'],
    [
      'with a million fields',
      model({ more: Array(50_001).fill(all(field(2, 'a'), field(3, 'b'))) }),
      'more than 100000 fields',
    ],
  ])('%s is refused', (_what, bytes, message) => {
    expect(() => inspectOnnx(bytes)).toThrow(ModelError)
    expect(() => inspectOnnx(bytes)).toThrow(message)
  })

  const read = (bytes: Uint8Array) => {
    try {
      inspectOnnx(bytes)
    } catch (error) {
      // Anything else is a fault of the reader.
      if (!(error instanceof ModelError)) throw error
    }
  }

  it('may be any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), read), { numRuns: 2000 })
  })

  it('may be damaged anywhere', () => {
    const whole = model()
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(damage, fc.nat(whole.length), (changes, cut) => {
        const bytes = Uint8Array.from(whole)
        for (const [at, value] of changes) bytes[at] = value
        read(bytes)
        read(bytes.subarray(0, cut))
      }),
      { numRuns: 3000 },
    )
  })
})
