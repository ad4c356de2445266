import { rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A way to a server that can be disturbed; the words are toxiproxy's. */
export interface FaultProxy {
  /** Where clients connect: a port of the loopback, or 0 for a Unix socket. */
  port: number
  /** Lets everything through again: what a black hole held back comes late, as TCP would bring it. */
  heal(): void
  /** Each piece comes so much later, both ways. */
  latency(ms: number): void
  /** A black hole: connections stay open and new ones are taken, but nothing comes through. */
  drop(): void
  /** Connections that are open now are silent for ever; new ones are sound. */
  halfOpen(): void
  /** Ends all connections by a reset. */
  reset(): void
  /** Takes no connection, and cuts those there are. */
  refuse(): Promise<void>
  /** Takes connections again after `refuse`. */
  accept(): Promise<void>
  /** Cuts what comes into pieces of so many bytes, with a pause between them. */
  slice(bytes: number, pauseMs: number): void
  /** Cuts each connection after so many bytes to the client. */
  limit(bytes: number): void
  /** Connections that are open now. */
  connections(): number
  /** Connections ever taken. */
  taken(): number
  close(): Promise<void>
}

/** What disturbs a connection; read at each piece, so that it may change under way. */
interface Toxics {
  latencyMs: number
  dropped: Promise<void> | undefined
  slice: { bytes: number; pauseMs: number } | undefined
  limit: number
}

const SOUND: Toxics = { latencyMs: 0, dropped: undefined, slice: undefined, limit: Number.POSITIVE_INFINITY }

/** Opens a proxy at a port of the loopback (0: any) or a Unix socket; `target` is asked at each connection. */
export async function openProxy(
  listen: { port: number; host?: string } | { path: string },
  target: () => NetConnectOpts,
): Promise<FaultProxy> {
  let toxics = SOUND
  let undrop = () => {}
  let port = 'port' in listen ? listen.port : 0
  let taken = 0
  const open = new Map<Socket, { upstream: Socket; link: { silent: boolean } }>()

  const serve = (client: Socket) => {
    taken++
    const upstream = connect(target())
    const link = { silent: false }
    open.set(client, { upstream, link })
    const end = () => {
      open.delete(client)
      // What is silent is not told of the end of the other side.
      if (!link.silent) client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', () => {}).on('close', end)
    void pump(client, upstream, () => toxics, link, false)
    void pump(upstream, client, () => toxics, link, true)
  }

  let server: Server | undefined
  const accept = async () => {
    server = createServer({ allowHalfOpen: true }, serve)
    const where = 'path' in listen ? listen : { port, host: listen.host ?? '127.0.0.1' }
    if ('path' in where) rmSync(where.path, { force: true })
    await new Promise<void>((resolve, reject) => server?.once('error', reject).listen(where, resolve))
    if (!('path' in listen)) port = (server.address() as AddressInfo).port
  }
  const cut = (how: (socket: Socket) => void) => {
    for (const [client, { upstream }] of open) {
      how(client)
      upstream.destroy()
    }
  }
  const refuse = async () => {
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
    server = undefined
    cut((socket) => socket.destroy())
    await closed
  }
  await accept()
  return {
    get port() {
      return port
    },
    heal() {
      toxics = SOUND
      undrop()
    },
    latency: (ms) => {
      toxics = { ...toxics, latencyMs: ms }
    },
    drop() {
      const dropped = new Promise<void>((resolve) => {
        undrop = resolve
      })
      toxics = { ...toxics, dropped }
    },
    halfOpen() {
      for (const { link, upstream } of open.values()) {
        link.silent = true
        upstream.destroy()
      }
    },
    reset: () => cut((socket) => socket.resetAndDestroy()),
    refuse,
    accept,
    slice: (bytes, pauseMs) => {
      toxics = { ...toxics, slice: { bytes, pauseMs } }
    },
    limit: (bytes) => {
      toxics = { ...toxics, limit: bytes }
    },
    connections: () => open.size,
    taken: () => taken,
    async close() {
      toxics = SOUND
      undrop()
      await refuse()
    },
  }
}

/** Carries one direction; a slow reader holds the sender up, as without a proxy. */
async function pump(from: Socket, to: Socket, toxics: () => Toxics, link: { silent: boolean }, toClient: boolean) {
  let carried = 0
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      const { latencyMs } = toxics()
      if (latencyMs > 0) await delay(latencyMs)
      for (let held = toxics().dropped; held !== undefined; held = toxics().dropped) await held
      if (link.silent) continue
      for (const piece of pieces(chunk, toxics().slice?.bytes ?? chunk.length)) {
        const { slice, limit } = toxics()
        if (slice) await delay(slice.pauseMs)
        carried += piece.length
        if (toClient && carried > limit) return to.destroy()
        if (!to.write(piece)) await new Promise((resolve) => to.once('drain', resolve).once('close', resolve))
      }
    }
    if (!link.silent) to.end()
  } catch {
    // A reset of one side: its `close` ends the other.
  }
}

function* pieces(chunk: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size)
}
