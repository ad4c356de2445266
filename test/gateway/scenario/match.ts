/** How an answer differs from what is expected, where a regular expression stands for a text or a number; undefined = not. */
export const difference = (actual: unknown, expected: unknown, at = 'the answer'): string | undefined => {
  if (isPattern(expected)) {
    const told = typeof actual === 'string' || typeof actual === 'number' ? String(actual) : undefined
    return told !== undefined && expected.test(told) ? undefined : `${at} is ${short(actual)}, not like ${expected}`
  }
  if (typeof expected !== 'object' || expected === null)
    return actual === expected ? undefined : `${at} is ${short(actual)}, not ${short(expected)}`
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected))
    return `${at} is ${short(actual)}, not ${short(expected)}`
  const [is, wanted] = [actual as Record<string, unknown>, expected as Record<string, unknown>]
  for (const key of Object.keys(is))
    if (!(key in wanted)) return `${at} has ${key} = ${short(is[key])}, which is too much`
  for (const key of Object.keys(wanted)) {
    if (!(key in is)) return `${at} has no ${key}`
    const found = difference(is[key], wanted[key], `${at}.${key}`)
    if (found) return found
  }
  return undefined
}

// Tests run in another realm, where RegExp is another class.
const isPattern = (value: unknown): value is RegExp => Object.prototype.toString.call(value) === '[object RegExp]'

const short = (value: unknown): string => JSON.stringify(value)?.slice(0, 300) ?? 'missing'
