import { ModelError } from './model-error.ts'
import { type Field, readFields, WIRE } from './protobuf.ts'

/** No model of ours comes near this; reading many tiny fields takes time, not memory. */
const MOST_FIELDS = 100_000
const LONGEST_NAME = 256

/** A field that may stand in a message, and what is made of it. */
export interface Allowed<T> {
  field: number
  take(field: Field): T
}

/** All values of each field, in order. */
type Values<S extends Record<string, Allowed<unknown>>> = { [K in keyof S]: ReturnType<S[K]['take']>[] }

/** Reads one message by the fields that may stand in it; throws ModelError at any other, WireError at what is no message. */
export type ReadMessage = <S extends Record<string, Allowed<unknown>>>(
  bytes: Uint8Array,
  where: string,
  allowed: S,
) => Values<S>

/** Reads the messages of one file, counting their fields. */
export const messageReader = (): ReadMessage => {
  let fields = 0
  return (bytes, where, allowed) => {
    const names = new Map(Object.entries(allowed).map(([name, { field }]) => [field, name]))
    const values: Record<string, unknown[]> = Object.fromEntries(Object.keys(allowed).map((name) => [name, []]))
    for (const field of readFields(bytes)) {
      fields += 1
      if (fields > MOST_FIELDS) throw new ModelError(`model.onnx has more than ${MOST_FIELDS} fields`)
      const name = names.get(field.number)
      const one = name === undefined ? undefined : allowed[name]
      if (name === undefined || one === undefined)
        throw new ModelError(`model.onnx has a field ${field.number} in ${where} that is not taken`)
      try {
        values[name]?.push(one.take(field))
      } catch (error) {
        if (!(error instanceof WrongKind)) throw error
        throw new ModelError(`model.onnx: the ${name} of ${where} is no ${error.message}`)
      }
    }
    return values as Values<typeof allowed>
  }
}

class WrongKind extends Error {}

/** A whole number. */
export const wholeNumber = (field: number): Allowed<number> => ({
  field,
  take({ wire, value }) {
    if (wire !== WIRE.varint) throw new WrongKind('whole number')
    return value as number
  },
})

/** A float of 32 bits. */
export const float = (field: number): Allowed<number> => ({
  field,
  take({ wire, value }) {
    if (wire !== WIRE.fixed32) throw new WrongKind('float')
    return value as number
  },
})

/** Bytes, or a message inside. */
export const bytes = (field: number): Allowed<Uint8Array> => ({
  field,
  take({ wire, value }) {
    if (wire !== WIRE.bytes) throw new WrongKind('bytes')
    return value as Uint8Array
  },
})

/** A text in UTF-8. */
export const text = (field: number): Allowed<string> => ({
  field,
  take(given) {
    const read = bytes(field).take(given)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(read)
    } catch {
      throw new WrongKind('text')
    }
  },
})

/** A short text. */
export const name = (field: number): Allowed<string> => ({
  field,
  take(given) {
    const read = text(field).take(given)
    if (read.length > LONGEST_NAME) throw new WrongKind(`name of at most ${LONGEST_NAME} characters`)
    return read
  },
})

/** What no model of ours has, said by its name. */
export const refused = (field: number, what: string): Allowed<never> => ({
  field,
  take() {
    throw new ModelError(`model.onnx holds ${what}, which is not taken`)
  },
})
