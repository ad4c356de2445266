import type { IncomingMessage } from 'node:http'

/** A request's body: whole when it is small, so that the call can go to another replica; else as it comes. */
export type Body = { whole: Buffer | null } | { stream: AsyncIterable<Buffer>; length: string | undefined }

const MAX_WHOLE = 1024 * 1024

/** Reads a body up to 1 MiB; a larger one is left to stream from where it is. Rejects when the client goes away. */
export const readBody = (request: IncomingMessage): Promise<Body> | Body => {
  const { 'content-length': length, 'transfer-encoding': chunked } = request.headers
  if (chunked === undefined && (length === undefined || length === '0')) return { whole: null }
  if (Number(length) > MAX_WHOLE) return { stream: rest([], request), length }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const off = () => request.off('data', take).off('end', end).off('error', fail)
    const take = (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size <= MAX_WHOLE) return
      off()
      request.pause()
      resolve({ stream: rest(chunks, request), length })
    }
    const end = () => {
      off()
      resolve({ whole: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size) })
    }
    const fail = (error: Error) => {
      off()
      reject(error)
    }
    request.on('data', take).on('end', end).on('error', fail)
  })
}

async function* rest(chunks: Buffer[], request: IncomingMessage): AsyncGenerator<Buffer> {
  yield* chunks
  // An early answer ends the reading, not the client's connection, over which the answer has to go.
  yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
}
