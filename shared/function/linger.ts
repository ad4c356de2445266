import type { IncomingMessage } from 'node:http'

const LINGER_MS = 1000

/**
 * Calls `close` once the rest of a request has come and was thrown away, a second later at the latest. A connection that
 * is closed under a caller that still sends is reset, and the answer is lost with it.
 */
export function linger(request: IncomingMessage, close: () => void): void {
  const done = () => {
    clearTimeout(timer)
    request.off('end', done).off('close', done)
    close()
  }
  const timer = setTimeout(done, LINGER_MS)
  request.once('end', done).once('close', done)
  request.resume()
}
