import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigurationError } from '#shared/configuration-error.ts'

/** Where the program of mode http listens, and what tells it so. */
export interface Upstream {
  host: string
  port: number
}

/** How long a fixed port may be held by a replica that is just ending. */
const PORT_WAIT_MS = 5_000

/**
 * The address a program is to listen on: a free port, or the one of `upstream_url`, which nobody else on this machine
 * may hold: who answers there would pass for the program.
 */
export const chooseUpstream = async (url: URL | undefined): Promise<Upstream> => {
  if (url === undefined) return { host: '127.0.0.1', port: await freePort() }
  const upstream = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) }
  for (const began = performance.now(); await accepts(upstream); await sleep(100)) {
    if (performance.now() - began > PORT_WAIT_MS) throw new ConfigurationError(taken(url))
  }
  return upstream
}

const taken = ({ host }: URL): string =>
  `upstream_url: another program, or another replica of this function, already listens on ${host}; leave upstream_url ` +
  'out, and let the program listen on the port that PORT names: then each replica has one of its own'

/** Whether a connection is taken there. */
export const accepts = ({ host, port }: Upstream): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 })
    const end = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
