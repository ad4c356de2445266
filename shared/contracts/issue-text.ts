import type { z } from 'zod'

const WORDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  tuple: 'an array',
  boolean: 'true or false',
  null: 'null',
}

/** What kind of value this is, in words. */
export const kindOf = (input: unknown): string => {
  const kind = input === null ? 'null' : Array.isArray(input) ? 'array' : typeof input
  return kind === 'boolean' ? String(input) : (WORDS[kind] ?? kind)
}

const ITEMS: Record<string, string> = { string: ' characters', array: ' items' }

const amount = (origin: string, bound: number | bigint): string =>
  ITEMS[origin] === undefined ? `be ${bound}` : `have ${bound}${ITEMS[origin]}`

/** Says of one fault what is needed, for people who send data; given to zod where it checks what they sent. */
export const issueText = (issue: z.core.$ZodRawIssue): string | undefined => {
  const { input } = issue
  switch (issue.code) {
    case 'invalid_type':
      if (input === undefined) return `is missing: ${WORDS[issue.expected] ?? issue.expected} is needed`
      if (issue.expected === 'int') return 'must be a whole number'
      return `must be ${WORDS[issue.expected] ?? issue.expected}, not ${kindOf(input)}`
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'too_small':
      if (input === '') return 'must not be empty'
      return `must ${amount(issue.origin, issue.minimum)} or more`
    case 'too_big':
      return `must ${amount(issue.origin, issue.maximum)} or less`
    default:
      return undefined
  }
}
