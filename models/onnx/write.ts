import { bytesField, joined, numberField } from './protobuf.ts'

/** Version of the file format, and of the operators. */
export const IR_VERSION = 8
export const OPSET = 17

/** Constants of a graph: `data` holds the product of `dims` numbers, the last dimension running fastest. */
export interface Constant {
  name: string
  dims: readonly number[]
  data: Float32Array | BigInt64Array
}

/** One operation; `attributes` are whole numbers. */
export interface Operation {
  operator: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes?: Readonly<Record<string, number>>
}

/** A float32 tensor that goes in or out; a name in the place of a width leaves it open. */
export interface Port {
  name: string
  shape: readonly (number | string)[]
}

/** All of a model. */
export interface OnnxModel {
  name: string
  inputs: readonly Port[]
  outputs: readonly Port[]
  operations: readonly Operation[]
  constants: readonly Constant[]
  metadata: Readonly<Record<string, string>>
}

/** Elements of tensors, and kinds of attributes, as ONNX numbers them. */
export const ELEMENT = { float: 1, int64: 7 } as const
const INTEGER_ATTRIBUTE = 2

/** The bytes of an ONNX file; the same model gives the same bytes. */
export const writeOnnx = (model: OnnxModel): Uint8Array =>
  joined(
    numberField(1, IR_VERSION),
    bytesField(2, 'junction'),
    bytesField(
      7,
      joined(
        ...model.operations.map((operation, nth) => bytesField(1, operationOf(operation, `${nth}`))),
        bytesField(2, model.name),
        ...model.constants.map((constant) => bytesField(5, constantOf(constant))),
        ...model.inputs.map((port) => bytesField(11, portOf(port))),
        ...model.outputs.map((port) => bytesField(12, portOf(port))),
      ),
    ),
    bytesField(8, joined(bytesField(1, ''), numberField(2, OPSET))),
    ...Object.entries(model.metadata)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => bytesField(14, joined(bytesField(1, key), bytesField(2, value)))),
  )

const operationOf = ({ operator, inputs, outputs, attributes = {} }: Operation, name: string): Uint8Array =>
  joined(
    ...inputs.map((input) => bytesField(1, input)),
    ...outputs.map((output) => bytesField(2, output)),
    bytesField(3, name),
    bytesField(4, operator),
    ...Object.entries(attributes).map(([key, value]) =>
      bytesField(5, joined(bytesField(1, key), numberField(3, value), numberField(20, INTEGER_ATTRIBUTE))),
    ),
  )

const constantOf = ({ name, dims, data }: Constant): Uint8Array =>
  joined(
    ...dims.map((dim) => numberField(1, dim)),
    numberField(2, data instanceof Float32Array ? ELEMENT.float : ELEMENT.int64),
    bytesField(8, name),
    bytesField(9, littleEndian(data)),
  )

const littleEndian = (data: Float32Array | BigInt64Array): Uint8Array => {
  const out = new DataView(new ArrayBuffer(data.byteLength))
  if (data instanceof Float32Array) data.forEach((value, at) => void out.setFloat32(at * 4, value, true))
  else data.forEach((value, at) => void out.setBigInt64(at * 8, value, true))
  return new Uint8Array(out.buffer)
}

const portOf = ({ name, shape }: Port): Uint8Array => {
  const dims = shape.map((dim) => bytesField(1, typeof dim === 'string' ? bytesField(2, dim) : numberField(1, dim)))
  const tensor = joined(numberField(1, ELEMENT.float), bytesField(2, joined(...dims)))
  return joined(bytesField(1, name), bytesField(2, bytesField(1, tensor)))
}
