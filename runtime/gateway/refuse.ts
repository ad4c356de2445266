import type { Duplex } from 'node:stream'

const TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT'
const ANSWERS: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  [TIMEOUT]: '408 Request Timeout',
  HPE_INVALID_METHOD: '405 Method Not Allowed\r\nAllow: POST, PUT, PATCH, DELETE, GET, OPTIONS, HEAD',
}

type Incoming = Duplex & { bytesRead?: number }

/**
 * Answers what Node's parser refused, and closes: after a parse error nothing on the connection can be trusted. Node looks
 * at its deadlines before it reads: after a process was frozen or busy a whole request may lie there, and is then served.
 */
export const refuseParse = (error: { code?: string }, socket: Incoming): void => {
  const unread = error.code === TIMEOUT && socket.bytesRead === 0
  if (unread) setImmediate(() => socket.bytesRead === 0 && refuse(error, socket))
  else refuse(error, socket)
}

const refuse = (error: { code?: string }, socket: Duplex): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = ANSWERS[error.code ?? ''] ?? '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nX-OpenFaaS-Internal: proxy\r\n\r\n`)
}
