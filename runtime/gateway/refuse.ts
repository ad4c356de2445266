import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { lastAnswer } from '#shared/last-answer.ts'

const TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT'
const ANSWERS: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  [TIMEOUT]: '408 Request Timeout',
  HPE_INVALID_METHOD: '405 Method Not Allowed\r\nAllow: POST, PUT, PATCH, DELETE, GET, OPTIONS, HEAD',
}

type Incoming = Duplex & { bytesRead?: number }

/**
 * Answers what Node's parser refuses, and closes: after a parse error nothing on the connection can be trusted. An answer
 * that is under way is broken off instead: nothing may be written into it.
 */
export const refuseUnreadable = (server: Server): void => {
  const answers = new WeakMap<Duplex, Set<ServerResponse>>()
  server.prependListener('request', ({ socket }, response) => {
    const open = answers.get(socket) ?? new Set()
    if (open.size === 0) answers.set(socket, open)
    open.add(response)
    response.once('close', () => open.delete(response))
  })

  const refuse = ({ code = '' }: { code?: string }, socket: Duplex): void => {
    const begun = [...(answers.get(socket) ?? [])].some(({ headersSent }) => headersSent)
    if (code === 'ECONNRESET' || !socket.writable || begun) {
      socket.destroy()
      return
    }
    const status = ANSWERS[code] ?? '400 Bad Request'
    lastAnswer(
      socket,
      `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nX-OpenFaaS-Internal: proxy\r\n\r\n`,
    )
  }

  server.on('clientError', (error: { code?: string }, socket: Incoming) => {
    // Node looks at its deadlines before it reads: after a process was frozen or busy a whole request may lie there, and is
    // then served.
    const unread = error.code === TIMEOUT && socket.bytesRead === 0
    if (unread) setImmediate(() => socket.bytesRead === 0 && refuse(error, socket))
    else refuse(error, socket)
  })
  server.on('connect', (_request, socket) => refuse({ code: 'HPE_INVALID_METHOD' }, socket))
}
