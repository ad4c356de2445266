import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Ends a server in order: nothing new is taken, what was taken is answered; what is not done after `graceMs` is cut off. */
export type CloseServer = (graceMs: number) => Promise<void>

/** The first request of a connection follows it at once, unless the connection was made in store. */
const FIRST_REQUEST_MS = 500

/** Makes the end of a server; to be called before it listens. */
export function serverCloser(server: Server): CloseServer {
  // Node takes a connection that carried no request yet neither for idle nor, once the server closes, for late.
  const unused = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('request', ({ socket }) => unused.delete(socket))

  return (graceMs) =>
    new Promise((resolve) => {
      const idle = setInterval(() => server.closeIdleConnections(), 100)
      const inStore = setTimeout(() => {
        for (const socket of unused) socket.destroy()
      }, FIRST_REQUEST_MS)
      const cutOff = setTimeout(() => server.closeAllConnections(), graceMs)
      server.close(() => {
        clearInterval(idle)
        clearTimeout(inStore)
        clearTimeout(cutOff)
        resolve()
      })
      server.closeIdleConnections()
    })
}
