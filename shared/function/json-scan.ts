import type { Buffer } from 'node:buffer'
import { pointerStep } from '#shared/contracts/problem.ts'
import { JsonError } from './json-error.ts'
import { createKeys, type Keys } from './json-keys.ts'

const MAX_DEPTH = 64
const MAX_STRING = 65_536
/** A decimal number without exponent needs more digits than this to leave the range of a double. */
const LONG_NUMBER = 300

const QUOTE = 0x22
const BACKSLASH = 0x5c

const hex4 = (bytes: Uint8Array, at: number): number => {
  let value = 0
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i] ?? 0
    const low = byte | 0x20
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30
    else if (low >= 0x61 && low <= 0x66) value = value * 16 + low - 0x57
    else return -1
  }
  return value
}

/** Checks the escape at `at` (a backslash) and returns the index after it. */
const escapeEnd = (bytes: Uint8Array, at: number): number => {
  if (bytes[at + 1] !== 0x75) return at + 2
  const unit = hex4(bytes, at + 2)
  if (unit === 0) throw new JsonError('invalid', 'has the character U+0000, which no text may hold', at)
  if (unit < 0xd800 || unit > 0xdfff) return at + 6
  const low = bytes[at + 6] === BACKSLASH && bytes[at + 7] === 0x75 ? hex4(bytes, at + 8) : -1
  if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) throw new JsonError('invalid', 'has half a surrogate pair', at)
  return at + 12
}

/** Returns the index of the closing quote of the string whose first byte is at `start`. */
const stringEnd = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start
  while (at < end) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      if (at - start > MAX_STRING) throw new JsonError('decode', `has a string over ${MAX_STRING} bytes`, start)
      return at
    }
    at = byte === BACKSLASH ? escapeEnd(bytes, at) : at + 1
  }
  throw new JsonError('decode', 'ends inside a string', start)
}

/** Checks the number that starts at `start` and returns the index after it. */
const numberEnd = (bytes: Buffer, start: number, end: number): number => {
  let at = start + 1
  let integer = true
  let exponent = false
  while (at < end) {
    const byte = bytes[at] as number
    if (byte < 0x30 || byte > 0x39) {
      if (byte === 0x65 || byte === 0x45) exponent = true
      else if (byte !== 0x2e && byte !== 0x2b && byte !== 0x2d) break
      integer = false
    }
    at++
  }
  const length = at - start
  if (integer && length > 15) {
    if (!Number.isSafeInteger(Number(bytes.toString('latin1', start, at))))
      throw new JsonError('invalid', 'has an unsafe integer (beyond 2^53 - 1); send it as text', start)
  } else if (exponent || length > LONG_NUMBER) {
    if (Math.abs(Number(bytes.toString('latin1', start, at))) === Number.POSITIVE_INFINITY)
      throw new JsonError('invalid', 'has a number beyond the range of a double', start)
  }
  return at
}

const pathOf = (element: number[], depth: number, keys: Keys): string => {
  let pointer = ''
  for (let level = 0; level < depth; level++) {
    const index = element[level] as number
    const key = index < 0 ? keys.last(level) : String(index)
    if (key !== undefined) pointer += pointerStep(key)
  }
  return pointer
}

/**
 * One linear walk over a document that `JSON.parse` will read next: it checks the limits and what a parse would lose
 * (duplicate keys, digits), and leaves the grammar to `JSON.parse`.
 * @throws JsonError
 */
export const scanJson = (bytes: Buffer): void => {
  const end = bytes.length
  const keys = createKeys(bytes)
  /** The index of the current element of each open array, -1 for an object. */
  const element: number[] = []
  let depth = 0
  let expectKey = false
  let i = 0
  try {
    while (i < end) {
      const byte = bytes[i] as number
      if (byte === QUOTE) {
        const close = stringEnd(bytes, i + 1, end)
        if (expectKey) keys.add(depth - 1, i + 1, close)
        expectKey = false
        i = close + 1
      } else if (byte === 0x2c) {
        if (depth > 0) {
          const index = element[depth - 1] as number
          if (index < 0) expectKey = true
          else element[depth - 1] = index + 1
        }
        i++
      } else if (byte === 0x7b || byte === 0x5b) {
        if (depth === MAX_DEPTH) throw new JsonError('decode', `is nested deeper than ${MAX_DEPTH}`, i)
        expectKey = byte === 0x7b
        element[depth] = expectKey ? -1 : 0
        if (expectKey) keys.open(depth, depth > 0 && element[depth - 1] === -1)
        depth++
        i++
      } else if (byte === 0x7d || byte === 0x5d) {
        if (depth === 0) return
        depth--
        if (element[depth] === -1) keys.close(depth)
        expectKey = false
        i++
      } else if ((byte >= 0x30 && byte <= 0x39) || byte === 0x2d) i = numberEnd(bytes, i, end)
      else {
        // NaN and Infinity (also after the minus that `numberEnd` has passed) are a writer's fault worth its own message.
        if (byte === 0x4e || byte === 0x49)
          throw new JsonError('invalid', 'has NaN or Infinity, which JSON does not know', i)
        i++
      }
    }
  } catch (error) {
    const { code, reason, position } = error as JsonError
    throw new JsonError(code, reason, position, pathOf(element, depth, keys))
  }
}
