import { rmSync } from 'node:fs'
import type { Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/** Ends a server in order: nothing new is taken, what was taken is answered; what is not done after `graceMs` is cut off. */
export type CloseServer = (graceMs: number) => Promise<void>

/** The first request of a connection follows it at once, unless the connection was made in store. */
const FIRST_REQUEST_MS = 2_000

/**
 * A request may be on its way over a connection that is idle here: until the caller has heard of the end, by an answer
 * that closes its connection or by one that is refused, idle connections stay open.
 */
const HEARD_MS = 500

/** Makes the end of a server; to be called before it listens. */
export function serverCloser(server: Server): CloseServer {
  // Node takes a connection that carried no request yet neither for idle nor, once the server closes, for late.
  const unused = new Set<Socket>()
  let taken = 0
  server.on('connection', (socket: Socket) => {
    taken++
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  const open = new Set<ServerResponse>()
  let closing = false
  server.prependListener('request', ({ socket }, response) => {
    unused.delete(socket)
    if (closing) response.shouldKeepAlive = false
    open.add(response)
    response.once('close', () => open.delete(response))
  })

  return async (graceMs) => {
    closing = true
    await takeTheLast(server, () => taken)
    await new Promise<void>((resolve) => {
      // An answer under way tells its caller, too, that nothing more is taken over this connection.
      for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false
      // Timers come before what lies unread after the process was busy: one turn, and a request shows itself.
      const closeIdle = () => setImmediate(() => server.closeIdleConnections())
      let idle: NodeJS.Timeout | undefined
      const heard = setTimeout(() => {
        closeIdle()
        idle = setInterval(closeIdle, 50)
      }, HEARD_MS)
      const inStore = setTimeout(() => {
        setImmediate(() => {
          for (const socket of unused) socket.destroy()
        })
      }, FIRST_REQUEST_MS)
      const cutOff = setTimeout(() => server.closeAllConnections(), graceMs)
      // The HTTP server's own `close` would end idle connections at once.
      NetServer.prototype.close.call(server, () => {
        clearTimeout(heard)
        clearInterval(idle)
        clearTimeout(inStore)
        clearTimeout(cutOff)
        server.closeIdleConnections()
        resolve()
      })
    })
  }
}

const TURNS_WITHOUT = 3
const TURNS_AT_MOST = 10_000

/** Who has connected and was not taken yet would be reset: they are taken before the socket closes, and others kept off. */
async function takeTheLast(server: Server, taken: () => number): Promise<void> {
  const address = server.address()
  if (typeof address === 'string') rmSync(address, { force: true })
  // Node takes one connection a turn.
  let without = 0
  for (let turns = 0; turns < TURNS_AT_MOST && without < TURNS_WITHOUT; turns++) {
    const before = taken()
    await turn()
    without = taken() === before ? without + 1 : 0
  }
}
