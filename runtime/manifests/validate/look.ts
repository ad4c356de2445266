/** The value at a place of plain data, undefined where there is none; `*` in a path is not meant. */
export const at = (value: unknown, path: string): unknown => {
  let here = value
  for (const key of path.split('.')) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Record<string, unknown>)[key]
  }
  return here
}

/** A list, empty where there is none. */
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A mapping, empty where there is none. */
export const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

/** A text, empty where there is none. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Every value of plain data with the keys that lead there. */
export function* walk(value: unknown, path: string[] = []): Generator<{ path: string[]; value: unknown }> {
  yield { path, value }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) yield* walk(inner, [...path, key])
}
