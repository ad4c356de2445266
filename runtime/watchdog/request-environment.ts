import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** What of a call its program's environment is made of. */
export type CallHead = Pick<IncomingMessage, 'method' | 'url' | 'headers'>

/**
 * Headers that never become a variable: `Proxy`, since a client could set the proxy of every program that reads
 * `http_proxy` in any case, as Python's urllib does; the others would pass for what is said of the call itself.
 */
const UNTOLD = new Set(['proxy', 'method', 'query', 'path'])

/** A call as environment variables: Http_Method, Http_Path, Http_Query and Http_<Header> with `_` for `-`. */
export const requestEnvironment = ({ method, url = '/', headers }: CallHead): Record<string, string> => {
  const result: Record<string, string> = {}
  const keyed = bearsKey(headers)
  for (const [name, value] of Object.entries(headers)) {
    if (UNTOLD.has(name) || value === undefined || (name === 'authorization' && keyed)) continue
    result[`Http_${capitalised(name)}`] = utf8(Array.isArray(value) ? value.join(', ') : value)
  }
  result.Http_Method = method ?? 'GET'
  const mark = url.indexOf('?')
  result.Http_Path = decoded(mark < 0 ? url : url.slice(0, mark))
  if (mark >= 0 && mark + 1 < url.length) result.Http_Query = url.slice(mark + 1)
  return result
}

/** Whether a call bears the key of Junction's connector, which is no business of a foreign program: it alone sends these. */
export const bearsKey = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some((name) => name.startsWith('junction-'))

const capitalised = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('_')

/** Node reads a header's bytes as Latin-1; a variable is written as UTF-8. */
const utf8 = (value: string): string => Buffer.from(value, 'latin1').toString()

// Neither what is no UTF-8 nor a NUL could be given to a program.
const decoded = (path: string): string => {
  try {
    const text = decodeURIComponent(path)
    return text.includes('\0') ? path : text
  } catch {
    return path
  }
}
