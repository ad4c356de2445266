import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** Whether a Host header names this machine. A page whose own name leads here names itself (DNS rebinding). */
export const isLoopbackHost = (host: string | undefined): boolean => LOOPBACK.test(host ?? '')

/** Whether a browser sends this for a page of another origin, and it is more than a look. Other clients send no Origin. */
export const isForeignChange = (method: string | undefined, headers: IncomingHttpHeaders): boolean => {
  if (SAFE.includes(method ?? '')) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin, host } = headers
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
}
