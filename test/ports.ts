import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below what systems give to outgoing connections and to who asks for any port, as whoever runs beside does.
const FIRST = 11_000
const LAST = 32_000

// A process has ports of its own, so that hardly another takes one between this look and its use.
const SHARE = 84
const first = FIRST + (process.pid % ((LAST - FIRST) / SHARE)) * SHARE
let next = randomInt(SHARE)

/** A TCP port of the loopback that was free a moment ago, and is nobody's by chance before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (next++ % SHARE)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
