import { z } from 'zod'
import { issueText } from './issue-text.ts'
import { toCanonical } from './sent-reading.ts'
import { findTopic } from './topics.ts'

/** A place in a JSON document: `/a/0` is the first item of `a` (RFC 6901). */
const Pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'must be a JSON Pointer, like /timestamp')

/** Where the messages of one foreign topic say what a reading says. */
export const Mapping = z
  .strictObject({
    device: Pointer,
    observedAt: Pointer,
    /** Set where `observedAt` is a number since 1970. */
    epoch: z.enum(['seconds', 'milliseconds']).optional(),
    seq: Pointer.optional(),
    location: z.strictObject({ longitude: Pointer, latitude: Pointer }).optional(),
    measures: z.record(z.string(), Pointer),
    /** UN/CEFACT codes, where a measure is not in its canonical unit. */
    units: z.record(z.string(), z.string()).optional(),
  })
  .superRefine(({ measures, units = {} }, context) => {
    // What a device would be told of its names and units is told here once.
    const values = Object.fromEntries(Object.keys(measures).map((name) => [name, 0]))
    const faults = toCanonical({ measures: values, units })
    if (!Array.isArray(faults)) return
    for (const { path, message } of faults)
      context.addIssue({ code: 'custom', path: path.slice(1).split('/'), message })
  })
export type Mapping = z.infer<typeof Mapping>

/** The mappings of foreign topics, by topic. */
export type Mappings = ReadonlyMap<string, Mapping>

const Topic = z
  .string()
  .regex(/^[\w.-]{1,249}$/, 'is not a topic name')
  .refine((name) => findTopic(name) === undefined, "is a topic of Junction's own, which wants no mapping")

/** Reads the text of MAPPINGS, a JSON object; throws an Error that names each topic and key that is wrong. */
export function readMappings(text: string): Mappings {
  const parsed = z.record(Topic, Mapping).safeParse(parse(text), { error: issueText })
  if (parsed.success) return new Map(Object.entries(parsed.data))
  throw new Error(parsed.error.issues.map(wordsOf).join('; '))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`it is not JSON: ${(error as Error).message}`, { cause: error })
  }
}

const wordsOf = (issue: z.core.$ZodIssue): string => {
  const where = issue.path.map(String).join('.') || 'it'
  return `${where} ${issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message}`
}
