import { z } from 'zod'
import { issueText } from './issue-text.ts'
import { echo, type FieldError, pointerStep } from './problem.ts'
import { quantities } from './quantities.ts'
import { type AcceptedReading, Location } from './reading.ts'
import { convert, type Unit, units } from './units.ts'

const MAX_MEASURES = 100

/** A reading as a device sends it; values and units are looked at by `toCanonical`. */
export const SentReading = z.strictObject({
  device: z
    .string()
    .min(1)
    .max(128)
    // Not \p{Cc}, which not every reader of the contract knows.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not hold control characters'),
  /** RFC 3339 with a zone. */
  observedAt: z.string().max(40),
  /** Orders the readings of one device and instant. */
  seq: z.int().nonnegative().optional(),
  location: Location.optional(),
  measures: z.record(z.string(), z.number()),
  /** UN/CEFACT codes, where a measure is not in its canonical unit. */
  units: z.record(z.string(), z.string()).optional(),
})
export type SentReading = z.infer<typeof SentReading>

/** Checks the form of what a device sent; what is wrong is said in words for whoever sends it. */
export const readSent = (value: unknown): SentReading | FieldError[] => {
  const parsed = SentReading.safeParse(value, { error: issueText })
  return parsed.success ? parsed.data : fieldErrors(parsed.error)
}

/** The part of an accepted reading that follows from the sent measures and units. */
export type Canonical = Required<Pick<AcceptedReading, 'measures' | 'quality'>> & Pick<AcceptedReading, 'original'>

/** With JSON pointers, and without more than a name of the input. */
const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.flatMap((issue) => {
    const path = issue.path.map((step) => pointerStep(String(step))).join('')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: path + pointerStep(key), message: 'is not a known field' }))
    return [{ path, message: issue.message }]
  })

const ALL_CODES = [...units.keys()].sort().join(', ')

/** The codes of the units a value of one quantity may come in. */
const codesOf = ({ dimension }: Unit): string =>
  [...units].flatMap(([code, unit]) => (unit.dimension === dimension ? [code] : [])).join(', ')

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/

/** Converts the measures to canonical units; errors name what was wrong. A value out of its quantity's physical range is kept and flagged. */
export const toCanonical = (sent: Pick<SentReading, 'measures' | 'units'>): Canonical | FieldError[] => {
  const errors: FieldError[] = []
  const measures: Record<string, number> = {}
  const flags: string[] = []
  let original: AcceptedReading['original']
  const names = Object.keys(sent.measures)
  if (names.length === 0)
    errors.push({ path: '/measures', message: 'holds no measure: give at least one, like {"speed":50}' })
  if (names.length > MAX_MEASURES) return [{ path: '/measures', message: `holds over ${MAX_MEASURES} measures` }]

  for (const name of names) {
    const value = sent.measures[name] as number
    if (!NAME.test(name))
      errors.push({
        path: `/measures${pointerStep(name)}`,
        message: 'is not a name of a quantity: a letter, then letters, digits, _ . -, 64 at most',
      })
    const quantity = quantities.get(name)
    const code = sent.units && Object.hasOwn(sent.units, name) ? sent.units[name] : undefined
    const unit = code === undefined ? quantity?.canonical : units.get(code)
    if (code !== undefined && unit === undefined) {
      const codes = quantity === undefined ? ALL_CODES : codesOf(quantity.canonical)
      errors.push({
        path: `/units${pointerStep(name)}`,
        message: `${echo(code)} is not a known UN/CEFACT unit code; ${quantity ? `for ${name} there are` : 'there are'} ${codes}`,
      })
      continue
    }
    if (quantity === undefined || unit === undefined) {
      measures[name] = value
      if (code !== undefined) original = { ...original, [name]: { value, unit: code } }
      continue
    }
    if (unit.dimension !== quantity.canonical.dimension) {
      errors.push({
        path: `/units${pointerStep(name)}`,
        message: `${code} is no unit of ${name}; for that there are ${codesOf(quantity.canonical)}`,
      })
      continue
    }
    const canonical = convert(value, unit, quantity.canonical)
    if (!Number.isFinite(canonical))
      errors.push({ path: `/measures${pointerStep(name)}`, message: 'is too large in its canonical unit' })
    measures[name] = canonical
    if (code !== undefined && code !== quantity.unit) original = { ...original, [name]: { value, unit: code } }
    if (canonical < quantity.min || canonical > quantity.max) flags.push(`range:${name}`)
  }
  for (const name in sent.units)
    if (!Object.hasOwn(sent.measures, name))
      errors.push({ path: `/units${pointerStep(name)}`, message: 'names a unit without a measure' })
  if (errors.length > 0) return errors

  const quality = { flags, confidence: 1 - flags.length / names.length }
  return original === undefined ? { measures, quality } : { measures, quality, original }
}
