import type { Duplex } from 'node:stream'

const HEARD_MS = 1_000

/**
 * Gives a last answer on a connection that nothing more is read from, and ends it: when the client has ended its side, a
 * second later at the latest. What the client does to it meanwhile is nobody's concern.
 */
export const lastAnswer = (socket: Duplex, text: string): void => {
  // Node's server listens no longer once it has handed a connection out.
  socket.on('error', () => {})
  const timer = setTimeout(() => socket.destroy(), HEARD_MS).unref()
  socket.once('close', () => clearTimeout(timer))
  socket.end(text)
  // The client's end is seen only by who reads, and what lies unread would reset the connection under the answer.
  socket.resume()
}
