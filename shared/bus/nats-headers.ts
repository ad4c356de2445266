import type { Msg } from '@nats-io/transport-node'

/** The first value of each header by its name in small letters. */
export type Headers = Map<string, string>

// What the library holds of a message, though its types do not say so: its bytes, and how many of them are headers.
interface Held {
  _rdata?: unknown
  _msg?: { hdr?: unknown }
}

/** Reads headers from their bytes: as the library does it, that is most of what reading a message costs. */
export function readHeaders(message: Pick<Msg, 'headers'>): Headers {
  const { _rdata: bytes, _msg: { hdr: length } = {} } = message as Held
  if (!(bytes instanceof Uint8Array) || typeof length !== 'number') return readByLibrary(message)
  return length > 0 ? readText(Buffer.from(bytes.buffer, bytes.byteOffset, length).toString()) : new Map()
}

function readByLibrary({ headers }: Pick<Msg, 'headers'>): Headers {
  const all: Headers = new Map()
  for (const [name, [value]] of headers ?? []) add(all, name, value ?? '')
  return all
}

function readText(text: string): Headers {
  const all: Headers = new Map()
  for (let from = text.indexOf('\r\n') + 2; from > 1 && from < text.length; ) {
    const end = text.indexOf('\r\n', from)
    const to = end < 0 ? text.length : end
    const colon = text.indexOf(':', from)
    if (colon >= 0 && colon < to) add(all, text.slice(from, colon), text.slice(colon + 1, to).trim())
    from = to + 2
  }
  return all
}

function add(all: Headers, name: string, value: string): void {
  const known = name.toLowerCase()
  if (!all.has(known)) all.set(known, value)
}
