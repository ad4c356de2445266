import type { Context } from 'hono'

/** A link to the next page, relative to the path that was asked: no prefix of a gateway is known here. */
export function linkNext(c: Context, changes: Record<string, string>): void {
  const query = new URL(c.req.url).searchParams
  for (const [name, value] of Object.entries(changes)) query.set(name, value)
  c.header('link', `<?${query}>; rel="next"`)
}
