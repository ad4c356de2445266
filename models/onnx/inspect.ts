import { checkBounds, type FoundConstant, type FoundOperation } from './bounds.ts'
import { bytes, float, messageReader, name, type ReadMessage, refused, text, wholeNumber } from './messages.ts'
import { ModelError } from './model-error.ts'
import { WireError } from './protobuf.ts'
import { ELEMENT, type Port } from './write.ts'

/** No file of ours comes near this. */
export const MOST_BYTES = 16 * 2 ** 20
/** Widest constant, so that what a batch takes is bounded by its rows. */
const WIDEST = 4096

const IR_VERSIONS = { least: 7, most: 10 }
const OPSETS = { least: 13, most: 21 }

/** What a forecast is made of: none of these reads a file, loops or runs code of somebody's own. */
const OPERATORS = new Set(['Add', 'Clip', 'Div', 'Gather', 'Gemm', 'Max', 'Min', 'Mul', 'Relu', 'Split', 'Sub'])

/** What an ONNX file says of itself. */
export interface OnnxDescription {
  irVersion: number
  opset: number
  inputs: Port[]
  outputs: Port[]
  /** Numbers in the weights and biases of its layers. */
  weights: number
  metadata: Record<string, string>
}

/** Reads any bytes as a model; throws ModelError, and nothing else, at what is not plainly one of ours. */
export const inspectOnnx = (file: Uint8Array): OnnxDescription => {
  if (file.length > MOST_BYTES) throw new ModelError(`model.onnx has ${file.length} bytes; ${MOST_BYTES} is the most`)
  try {
    return inspect(file)
  } catch (error) {
    if (error instanceof WireError) throw new ModelError(`model.onnx is no ONNX file: ${error.message}`)
    throw error
  }
}

const inspect = (file: Uint8Array): OnnxDescription => {
  const read = messageReader()
  const model = read(file, 'the model', {
    irVersion: wholeNumber(1),
    producer: text(2),
    producerVersion: text(3),
    version: wholeNumber(5),
    about: text(6),
    graph: bytes(7),
    operators: bytes(8),
    metadata: bytes(14),
    training: refused(20, 'training steps'),
    functions: refused(25, 'functions of its own'),
  })
  const sets = model.operators.map((one) =>
    read(one, 'a set of operators', { domain: text(1), version: wholeNumber(2) }),
  )
  for (const { domain } of sets) checkDomain(domain, 'the operators')
  return {
    irVersion: within(model.irVersion, IR_VERSIONS, 'IR version'),
    opset: within(
      sets.flatMap(({ version }) => version),
      OPSETS,
      'operator set',
    ),
    ...readGraph(the(model.graph, 'graph'), read),
    metadata: Object.fromEntries(
      model.metadata.map((one) => {
        const { key, value } = read(one, 'the metadata', { key: text(1), value: text(2) })
        return [key.join(''), value.join('')]
      }),
    ),
  }
}

/** The one value there must be. */
const the = <T>(values: T[], what: string): T => {
  const [value] = values
  if (value === undefined || values.length > 1)
    throw new ModelError(`model.onnx has ${values.length} of ${what}, not one`)
  return value
}

const within = (values: number[], { least, most }: { least: number; most: number }, what: string): number => {
  const value = the(values, what)
  if (value >= least && value <= most) return value
  throw new ModelError(`model.onnx has the ${what} ${value}; ${least} to ${most} are taken`)
}

const said = (value: string): string => JSON.stringify(value.slice(0, 64))

const checkDomain = (domains: string[], what: string): void => {
  const own = domains.find((domain) => domain !== '' && domain !== 'ai.onnx')
  if (own !== undefined) throw new ModelError(`model.onnx has ${what} of ${said(own)}; only those of ONNX are taken`)
}

const readGraph = (graph: Uint8Array, read: ReadMessage): Pick<OnnxDescription, 'inputs' | 'outputs' | 'weights'> => {
  const parts = read(graph, 'the graph', {
    operation: bytes(1),
    name: text(2),
    constant: bytes(5),
    about: text(10),
    input: bytes(11),
    output: bytes(12),
    sparse: refused(15, 'sparse constants'),
  })
  const operations = parts.operation.map((one) => readOperation(one, read))
  const constants = parts.constant.map((one) => readConstant(one, read))
  const inputs = parts.input.map((one) => readPort(one, read))
  checkBounds(
    operations,
    constants,
    inputs.map(({ name }) => name),
  )
  const layers = new Set(operations.flatMap(({ operator, inputs }) => (operator === 'Gemm' ? inputs : [])))
  return {
    inputs,
    outputs: parts.output.map((one) => readPort(one, read)),
    weights: constants.reduce((sum, one) => sum + (layers.has(one.name) ? one.size : 0), 0),
  }
}

const readOperation = (operation: Uint8Array, read: ReadMessage): FoundOperation => {
  const parts = read(operation, 'an operation', {
    input: name(1),
    output: name(2),
    name: text(3),
    operator: name(4),
    attribute: bytes(5),
    about: text(6),
    domain: name(7),
  })
  const operator = the(parts.operator, 'operators of an operation')
  checkDomain(parts.domain, `the operator ${said(operator)}`)
  if (!OPERATORS.has(operator))
    throw new ModelError(`model.onnx has the operator ${said(operator)}, which is not taken`)
  const attributes = parts.attribute.map((one) => {
    const { name: called, number } = read(one, 'an attribute', {
      name: name(1),
      float: float(2),
      number: wholeNumber(3),
      kind: wholeNumber(20),
      graph: refused(6, 'a graph inside an operation'),
      graphs: refused(11, 'graphs inside an operation'),
    })
    return { name: the(called, 'names of an attribute'), number: number[0] }
  })
  return { operator, inputs: parts.input, attributes }
}

const EXTERNAL = 'external data'

const readConstant = (constant: Uint8Array, read: ReadMessage): FoundConstant & { size: number } => {
  const parts = read(constant, 'a constant', {
    dims: wholeNumber(1),
    element: wholeNumber(2),
    name: name(8),
    data: bytes(9),
    about: text(12),
    external: refused(13, EXTERNAL),
    location: wholeNumber(14),
  })
  if (parts.location.some((place) => place !== 0))
    throw new ModelError(`model.onnx holds ${EXTERNAL}, which is not taken`)
  const called = the(parts.name, 'names of a constant')
  const element = the(parts.element, `types of ${said(called)}`)
  const width = element === ELEMENT.float ? 4 : element === ELEMENT.int64 ? 8 : undefined
  if (width === undefined) throw new ModelError(`model.onnx: ${said(called)} is neither float nor int64`)
  const { dims } = parts
  if (dims.length > 2 || dims.some((dim) => dim > WIDEST))
    throw new ModelError(`model.onnx: ${said(called)} is ${dims.join(' × ')}; ${WIDEST} × ${WIDEST} is the most`)
  const size = dims.reduce((product, dim) => product * dim, 1)
  const { length } = the(parts.data, `data of ${said(called)}`)
  if (length !== size * width)
    throw new ModelError(`model.onnx: ${said(called)} has ${length} bytes and needs ${size * width}`)
  return { name: called, dims, size }
}

const readPort = (port: Uint8Array, read: ReadMessage): Port => {
  const parts = read(port, 'an input or output', { name: name(1), type: bytes(2), about: text(3) })
  const called = the(parts.name, 'names of an input or output')
  const type = read(the(parts.type, `types of ${said(called)}`), 'a type', { tensor: bytes(1) })
  const tensor = read(the(type.tensor, `tensors of ${said(called)}`), 'a tensor', {
    element: wholeNumber(1),
    shape: bytes(2),
  })
  if (the(tensor.element, `elements of ${said(called)}`) !== ELEMENT.float)
    throw new ModelError(`model.onnx: ${said(called)} is not of floats`)
  const { dim } = read(the(tensor.shape, `shapes of ${said(called)}`), 'a shape', { dim: bytes(1) })
  return {
    name: called,
    shape: dim.map((one) => {
      const { width, open } = read(one, 'a width', { width: wholeNumber(1), open: name(2) })
      return the([...width, ...open], `widths of ${said(called)}`)
    }),
  }
}
