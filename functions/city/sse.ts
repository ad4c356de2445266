const encoder = new TextEncoder()

/** One message of an event stream; `data` must be a single line, as JSON is. */
export const message = (event: string, data: string, id?: bigint): Uint8Array =>
  encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`)

/** A comment: keeps the connection open, and browsers never see it. */
export const heartbeat: Uint8Array = encoder.encode(': heartbeat\n\n')

/** Changes were missed that cannot be sent again: read the status anew. */
export const reset: Uint8Array = message('reset', '{}')

/** How long a client waits before it connects again: spread, so that a restart does not bring all of them at once. */
export const retry = (): Uint8Array => encoder.encode(`retry: ${1000 + Math.floor(Math.random() * 2000)}\n\n`)

/** The offset of the last message a client has seen; undefined on a first connection, null if it is none of ours. */
export function lastSeen(header: string | undefined): bigint | undefined | null {
  if (header === undefined || header === '') return undefined
  return /^\d{1,18}$/.test(header) ? BigInt(header) : null
}
