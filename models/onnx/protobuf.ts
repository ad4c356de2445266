/** How a field lies on the wire; groups, which nothing writes any more, are none of these. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** One field of a message as read: a number for a varint or 32 bits, the bytes themselves for the other two kinds. */
export type Field = { number: number } & (
  | { wire: typeof WIRE.varint | typeof WIRE.fixed32; value: number }
  | { wire: typeof WIRE.bytes | typeof WIRE.fixed64; value: Uint8Array }
)

/** The bytes are no message. */
export class WireError extends Error {}

/**
 * The fields of a message, each as it comes, so that a million of them take no memory. Throws WireError at what is cut
 * short, at groups and at numbers beyond 2^53 − 1; nothing outside `bytes` is read.
 */
export function* readFields(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new WireError('it ends within a field')
    at += length
    return bytes.subarray(at - length, at)
  }
  const varint = (): number => {
    let value = 0
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = take(1)[0] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) throw new WireError('a number is beyond 2^53')
        return value
      }
    }
    throw new WireError('a number has more than ten bytes')
  }
  while (at < bytes.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    if (number === 0 || number >= 2 ** 29) throw new WireError(`no field has the number ${number}`)
    switch (tag % 8) {
      case WIRE.varint:
        yield { number, wire: WIRE.varint, value: varint() }
        break
      case WIRE.fixed64:
        yield { number, wire: WIRE.fixed64, value: take(8) }
        break
      case WIRE.bytes:
        yield { number, wire: WIRE.bytes, value: take(varint()) }
        break
      case WIRE.fixed32:
        take(4)
        yield { number, wire: WIRE.fixed32, value: view.getFloat32(at - 4, true) }
        break
      default:
        throw new WireError(`the field ${number} has the unknown type ${tag % 8}`)
    }
  }
}

const encoder = new TextEncoder()

const varint = (value: number): number[] => {
  const out: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128)
  out.push(rest)
  return out
}

/** A message, or a part of one: fields in a row. */
export const joined = (...parts: Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** A whole number from 0 to 2^53 − 1 as a field. */
export const numberField = (number: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(number * 8 + WIRE.varint), ...varint(value)])

/** Bytes, a text or a message as a field. */
export const bytesField = (number: number, value: Uint8Array | string): Uint8Array => {
  const bytes = typeof value === 'string' ? encoder.encode(value) : value
  return joined(Uint8Array.from([...varint(number * 8 + WIRE.bytes), ...varint(bytes.length)]), bytes)
}
