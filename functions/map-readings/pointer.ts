/** What lies at a JSON Pointer (RFC 6901); undefined where nothing does. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    const isPlace = Array.isArray(value) ? /^(?:0|[1-9]\d*)$/.test(key) : typeof value === 'object' && value !== null
    if (!isPlace || !Object.hasOwn(value as object, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
