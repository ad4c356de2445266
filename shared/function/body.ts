import type { IncomingMessage } from 'node:http'
import { PermanentError } from './errors.ts'

/** The largest body of a call: 1 MiB. */
export const MAX_BODY = 1 << 20

const tooLarge = () =>
  new PermanentError('the body is larger than 1 MiB', { code: 'oversize', reason: 'oversize', status: 413 })

/** Reads the whole body; throws `PermanentError` 413, at once where Content-Length already says so. */
export function readBody(request: IncomingMessage, limit = MAX_BODY): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limit) return Promise.reject(tooLarge())
  const gone = () => new Error('the caller went away before the body was complete')
  if (request.destroyed) return Promise.reject(gone())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        request.off('data', take).pause()
        reject(tooLarge())
      } else chunks.push(chunk)
    }
    request.on('data', take)
    request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)))
    request.once('error', reject)
    request.once('close', () => {
      if (!request.readableEnded) reject(gone())
    })
  })
}
