import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import kafkajs from 'kafkajs'

// Node.js finds not all names of this CommonJS module.
const { CompressionCodecs, CompressionTypes } = kafkajs

const inflate = promisify(gunzip)
const deflate = promisify(gzip)

// Of a fetch of 1 MiB a partition: what is denser by far was made to fill the memory of who reads it.
const MAX_INFLATED = 64 << 20

const codec = {
  compress: (encoder: { buffer: Buffer }) => deflate(encoder.buffer),
  async decompress(buffer: Buffer): Promise<Buffer> {
    try {
      return await inflate(buffer, { maxOutputLength: MAX_INFLATED })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const bomb = code === 'ERR_BUFFER_TOO_LARGE'
      throw new Error(bomb ? `records inflate to more than ${MAX_INFLATED >> 20} MiB` : `gzip: ${message}`, {
        cause: error,
      })
    }
  },
}

/** Bounds what the library's one codec may inflate, for every client of the process: it has one table of codecs. */
export function boundGzip(): void {
  CompressionCodecs[CompressionTypes.GZIP] = () => codec
}
