import { connect } from 'node:net'

/** An answer as it came over a socket. */
export interface WireAnswer {
  status: number
  headers: Map<string, string>
  body: string
  /** The other side closed the connection. */
  closed: boolean
}

/** What a raw request is made of. */
export interface WireRequest {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** Sent in place of the length of the body. */
  contentLength?: number
}

const parse = (raw: Buffer, closed: boolean): WireAnswer => {
  const text = raw.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end < 0 ? undefined : end).split('\r\n')
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(first.split(' ')[1]), headers, body: end < 0 ? '' : text.slice(end + 4), closed }
}

/** Writes these bytes as they are and reads until the other side closes, or `patienceMs` after its first bytes. */
export const exchange = (port: number, bytes: string | Buffer, patienceMs = 30_000): Promise<WireAnswer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let timer: NodeJS.Timeout | undefined
    const finish = (closed: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      if (chunks.length === 0) reject(new Error('the connection ended without an answer'))
      else resolve(parse(Buffer.concat(chunks), closed))
    }
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      timer ??= setTimeout(() => finish(false), patienceMs)
    })
    // An early answer may reset what is still being written: the answer counts.
    socket.on('error', () => finish(true))
    socket.on('close', () => finish(true))
  })

/** The bytes of a request that closes its connection. */
export const requestBytes = ({
  method = 'POST',
  path = '/',
  headers = {},
  body = '',
  ...rest
}: WireRequest): Buffer => {
  const payload = Buffer.from(body as string)
  const all: Record<string, string> = {
    host: 'localhost',
    connection: 'close',
    'content-length': String(rest.contentLength ?? payload.length),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), payload])
}
