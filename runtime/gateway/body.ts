import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Problem } from './problem.ts'

/** A request's body: whole when it is small, so that the call can go to another replica; else as it comes. */
export type Body = ({ whole: Buffer | null } | { stream: AsyncIterable<Buffer>; length: string | undefined }) & {
  /** Says that it is needed no longer; the end of the answer says so, too. */
  release(): void
}

/** Reads bodies up to 1 MiB; a larger one is left to stream from where it is. Rejects when the client goes away. */
export type ReadBody = (request: IncomingMessage, response: ServerResponse) => Promise<Body | 'full'> | Body

const MAX_WHOLE = 1024 * 1024
const MOST_HELD = 256 * MAX_WHOLE

/** Why a body was not taken. */
export const bodiesFull: Problem = {
  ...{ status: 429, title: 'Too many bodies wait', code: 'throttled', retryable: true, retryAfterSeconds: 1 },
  detail: 'the bodies of the calls that wait take all the memory there is for them',
}

const nothing = () => {}

/** Makes the reader of all bodies; of those that wait at a time it holds so many bytes, and takes no further ones. */
export const bodyReader = (mostHeld = MOST_HELD): ReadBody => {
  let held = 0
  return (request, response) => {
    const { 'content-length': length, 'transfer-encoding': chunked } = request.headers
    if (chunked === undefined && (length === undefined || length === '0')) return { whole: null, release: nothing }
    if (Number(length) > MAX_WHOLE) return { stream: rest([], request), length, release: nothing }
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      let size = 0
      let counted = 0
      const release = () => {
        held -= counted
        counted = 0
      }
      response.once('close', release)
      const off = () => request.off('data', take).off('end', end).off('error', fail)
      const take = (chunk: Buffer) => {
        if (held + chunk.length > mostHeld) {
          off()
          release()
          // What still comes is thrown away: the answer would be lost if the connection closed under a client that sends.
          request.resume()
          return resolve('full')
        }
        chunks.push(chunk)
        size += chunk.length
        counted += chunk.length
        held += chunk.length
        if (size <= MAX_WHOLE) return
        off()
        request.pause()
        resolve({ stream: rest(chunks, request), length, release })
      }
      const end = () => {
        off()
        resolve({ whole: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size), release })
      }
      const fail = (error: Error) => {
        off()
        release()
        reject(error)
      }
      request.on('data', take).on('end', end).on('error', fail)
    })
  }
}

async function* rest(chunks: Buffer[], request: IncomingMessage): AsyncGenerator<Buffer> {
  yield* chunks
  // An early answer ends the reading, not the client's connection, over which the answer has to go.
  yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
}
