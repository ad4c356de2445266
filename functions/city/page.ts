import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type MiddlewareHandler } from 'hono'

const YEAR = 'public, max-age=31536000, immutable'

/**
 * Serves the built page of a folder: `/` and what it loads from `/assets/`, whose names change with their content. With
 * a map style from elsewhere its hosts may be asked for tiles, glyphs and sprites, else nobody but this server.
 */
export function cityPage(folder: string, mapStyleUrl: string | undefined): Hono {
  const app = new Hono()
  let shell: { html: string; headers: Record<string, string> } | undefined
  app.get('/', (c) => {
    shell ??= openShell(folder, mapStyleUrl)
    return c.body(shell.html, 200, shell.headers)
  })
  let parts: MiddlewareHandler | undefined
  app.get('/assets/:file', async (c) => {
    parts ??= serveStatic({ root: folder, precompressed: true })
    const found = await parts(c, async () => {})
    if (!found) return c.notFound()
    found.headers.set('cache-control', YEAR)
    found.headers.set('x-content-type-options', 'nosniff')
    return found
  })
  return app
}

function openShell(folder: string, mapStyleUrl: string | undefined) {
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  const inline = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => `'${hash(script)}'`)
  const elsewhere = mapStyleUrl === undefined ? '' : ' https:'
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    ["script-src 'self'", ...inline].join(' '),
    // MapLibre makes its worker from a blob.
    'worker-src blob:',
    `connect-src 'self'${elsewhere}`,
    `img-src 'self' data: blob:${elsewhere}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    },
  }
}

const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`
