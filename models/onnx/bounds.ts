import { ModelError } from './model-error.ts'

/** What is known of an operation when its file was read; attributes that are no whole number have none. */
export interface FoundOperation {
  operator: string
  inputs: string[]
  attributes: { name: string; number: number | undefined }[]
}

/** A constant as its file tells it. */
export interface FoundConstant {
  name: string
  dims: number[]
}

/** A model of ours has two dozen. */
const MOST_OPERATIONS = 64

/**
 * Throws ModelError where an operation could make more than the rows of a batch times the widest constant: a file of a
 * few kilobytes must not take all memory before anybody can look at what it answers.
 */
export const checkBounds = (
  operations: readonly FoundOperation[],
  constants: readonly FoundConstant[],
  inputs: readonly string[],
): void => {
  if (operations.length > MOST_OPERATIONS)
    throw new ModelError(`model.onnx has ${operations.length} operations; ${MOST_OPERATIONS} are the most`)
  const named = (name: string | undefined) => constants.filter((one) => one.name === name)
  for (const { operator, inputs: given, attributes } of operations) {
    if (operator === 'Gemm') {
      // Turned over, rows would multiply rows; and constants alone make something however few rows there are.
      if (attributes.length > 0 || named(given[0]).length > 0)
        throw new ModelError('model.onnx: a Gemm must be of a batch, and without attributes')
      continue
    }
    for (const { name, dims } of given.flatMap(named))
      if (dims.length > 1)
        throw new ModelError(`model.onnx: ${JSON.stringify(name)} is ${dims.join(' × ')}, which only a Gemm may take`)
    if (operator === 'Gather' && !isOneColumn(given, attributes, named(given[1]), inputs))
      throw new ModelError('model.onnx: a Gather must be of one column of the input')
  }
}

const isOneColumn = (
  [data]: string[],
  [axis, ...others]: FoundOperation['attributes'],
  indices: FoundConstant[],
  inputs: readonly string[],
): boolean =>
  data !== undefined &&
  inputs.includes(data) &&
  axis?.name === 'axis' &&
  axis.number === 1 &&
  others.length === 0 &&
  indices.length === 1 &&
  indices.every(({ dims }) => dims.length === 1 && dims[0] === 1)
