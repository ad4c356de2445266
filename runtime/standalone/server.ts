import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import { type CloseServer, serverCloser } from '#shared/close-server.ts'

/** Where a connector that runs alone tells how it is. */
export interface HealthServer {
  port: number
  close: CloseServer
}

/** What it tells of. */
export interface HealthServerOptions {
  host: string
  /** 0 = any free port. */
  port: number
  registry: Registry
  status(): { ready: boolean }
}

/** Serves `/healthz` (the process lives), `/ready` (it can do its work, with what hinders it) and `/metrics`. */
export const serveHealth = async ({ host, port, registry, status }: HealthServerOptions): Promise<HealthServer> => {
  const routes: Record<string, () => Promise<{ status: number; type: string; text: string }>> = {
    '/healthz': async () => ({ status: 200, type: 'text/plain', text: 'OK' }),
    '/ready': async () => {
      const told = status()
      return { status: told.ready ? 200 : 503, type: 'application/json', text: JSON.stringify(told) }
    },
    '/metrics': async () => ({ status: 200, type: registry.contentType, text: await registry.metrics() }),
  }
  const server = createServer(async ({ method, url = '' }, response) => {
    const path = url.split('?')[0] as string
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) return response.writeHead(404).end()
    if (method !== 'GET' && method !== 'HEAD') return response.writeHead(405, { allow: 'GET, HEAD' }).end()
    const answer = await route()
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.text)
  })
  const close = serverCloser(server)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host, port }, resolve))
  return { port: (server.address() as AddressInfo).port, close }
}
