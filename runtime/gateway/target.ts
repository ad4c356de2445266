import { keyOf, NAMESPACE } from '../stack/key.ts'

/** Where a request wants to go; `refused` = it is turned away without a look at anything else. */
export type Target =
  | { kind: 'function'; key: string; path: string }
  | { kind: 'platform'; path: string; query: string }
  | { kind: 'refused'; status: 400 | 404; detail: string }

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
  const key = targetKey(wanted)
  if (key === undefined) return { kind: 'refused', status: 404, detail: 'no function has this name' }
  return { kind: 'function', key, path: (slash < 0 ? '/' : path.slice(slash)) + query }
}

/** Whether this can be the name of a function or a namespace. */
export const isName = (text: string): boolean => DNS_LABEL.test(text)

/**
 * The key of the function that `name` or `name.namespace` stands for, undefined when none can have that name. A namespace
 * given beside the name must agree with one in it.
 */
export const targetKey = (wanted: string, beside?: string): string | undefined => {
  const dot = wanted.lastIndexOf('.')
  const name = dot < 0 ? wanted : wanted.slice(0, dot)
  const namespace = dot < 0 ? beside || NAMESPACE : wanted.slice(dot + 1)
  if (!isName(name) || !isName(namespace) || (beside && beside !== namespace)) return undefined
  return keyOf({ name, namespace })
}
