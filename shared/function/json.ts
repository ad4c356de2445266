import { Buffer, isAscii, isUtf8 } from 'node:buffer'
import { JsonError } from './json-error.ts'
import { scanJson } from './json-scan.ts'

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const decode = (buffer: Buffer): string => {
  if (isAscii(buffer)) return buffer.toString('latin1', 0, buffer.length)
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf)
    throw new JsonError('decode', 'starts with a byte order mark; send UTF-8 without one', 0)
  if (!isUtf8(buffer)) throw new JsonError('decode', 'is not valid UTF-8', 0)
  return buffer.toString('utf8', 0, buffer.length)
}

/** V8's own words hold a few characters of the input: cut to 64 and kept on one line. */
const reason = (error: unknown): string => {
  const message = error instanceof Error || (error as Error)?.message ? (error as Error).message : 'unreadable'
  const line = message.replace(/\p{Cc}/gu, ' ')
  return line.length > 64 ? `${line.slice(0, 63)}…` : line
}

/**
 * JSON from a stranger: what `JSON.parse` would silently change or choke on later is refused.
 *
 * Refused are invalid UTF-8, a byte order mark, depth over 64, over 1,000 keys in an object, strings over 64 KiB,
 * duplicate keys (`decode`); `__proto__`, `constructor.prototype`, integers beyond 2^53 - 1, numbers beyond a double,
 * NUL and lone surrogates in text (`invalid`).
 * @throws JsonError
 */
export const parseJson = (bytes: Uint8Array): unknown => {
  const buffer = view(bytes)
  if (buffer.length === 0) throw new JsonError('decode', 'is empty', 0)
  const text = decode(buffer)
  scanJson(buffer)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new JsonError('decode', `is not JSON: ${reason(error)}`, undefined)
  }
}
