import { promisify } from 'node:util'
import { gunzip as gunzipCallback } from 'node:zlib'
import { echo } from '#shared/contracts/problem.ts'
import { Refused } from './refused.ts'

const gunzip = promisify(gunzipCallback)

const MAX_BODY = 1 << 20
const MAX_INFLATED = 10 << 20
/** No honest batch of readings shrinks to less than a hundredth. */
const MAX_RATIO = 100

const tooLarge = (): never => {
  throw new Refused(413, 'oversize', 'the body is larger than 1 MiB; send the readings in several requests')
}

const inflate = async (bytes: Uint8Array): Promise<Uint8Array> => {
  try {
    return await gunzip(bytes, { maxOutputLength: Math.min(MAX_INFLATED, Math.max(1, bytes.length) * MAX_RATIO) })
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE')
      throw new Refused(413, 'oversize', 'the body inflates to more than 10 MiB or a hundred times its size')
    throw new Refused(400, 'decode', 'the body is not valid gzip')
  }
}

/**
 * The bytes of a body, inflated within the limits.
 * @throws Refused 400, 413 or 415
 */
export const readBody = async (request: Request): Promise<Uint8Array> => {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new Refused(415, 'decode', `Content-Encoding ${echo(encoding)} is not supported; send gzip or none`)
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY) tooLarge()
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.length > MAX_BODY) tooLarge()
  return encoding === 'gzip' ? inflate(bytes) : bytes
}
