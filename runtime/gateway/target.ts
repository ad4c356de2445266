/** Where a request wants to go; `refused` = it is turned away without a look at anything else. */
export type Target =
  | { kind: 'function'; name: string; path: string }
  | { kind: 'platform'; path: string; query: string }
  | { kind: 'refused'; status: 400 | 404; detail: string }

/** OpenFaaS's default namespace, the only one here. */
export const NAMESPACE = 'openfaas-fn'

const FUNCTION = '/function/'
/** What other hops might normalise into another path: refused, never repaired. */
const AMBIGUOUS = /\/\/|\\|%2e|%2f|%5c|%00|\/\.{1,2}(?:\/|$)/i
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

/** Reads the raw request target as it came over the wire. */
export const readTarget = (url: string): Target => {
  const end = url.indexOf('?')
  const path = end < 0 ? url : url.slice(0, end)
  const query = end < 0 ? '' : url.slice(end)
  if (path[0] !== '/' || path.includes('#')) {
    return { kind: 'refused', status: 400, detail: 'the request target must be a path that starts with "/"' }
  }
  if (AMBIGUOUS.test(path)) {
    return {
      kind: 'refused',
      status: 400,
      detail: 'the path must not hold empty or dot segments or an encoded "/", "." or "\\"',
    }
  }
  if (!path.startsWith(FUNCTION)) return { kind: 'platform', path, query }
  const slash = path.indexOf('/', FUNCTION.length)
  const wanted = path.slice(FUNCTION.length, slash < 0 ? undefined : slash)
  const name = functionName(wanted)
  if (name === undefined) return { kind: 'refused', status: 404, detail: 'no function has this name' }
  return { kind: 'function', name, path: (slash < 0 ? '/' : path.slice(slash)) + query }
}

/** The function of `name` or `name.namespace`, undefined when no function can have that name. */
export const functionName = (wanted: string): string | undefined => {
  const dot = wanted.lastIndexOf('.')
  const name = dot < 0 ? wanted : wanted.slice(0, dot)
  const namespace = dot < 0 ? NAMESPACE : wanted.slice(dot + 1)
  return DNS_LABEL.test(name) && namespace === NAMESPACE ? name : undefined
}
