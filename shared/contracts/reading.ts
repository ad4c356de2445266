import { z } from 'zod'
import { isCanonicalInstant } from './instant.ts'

/** UTC with milliseconds. */
const Instant = z.string().refine(isCanonicalInstant, 'is not an instant in UTC with milliseconds')

/** Where a device stands: WGS 84 longitude and latitude (RFC 7946). */
export const Location = z.strictObject({
  type: z.literal('Point'),
  coordinates: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
})

/** The schema of an accepted reading, which says of a wrong one what is wrong. */
export const AcceptedReadingSchema = z.strictObject({
  device: z.string().min(1).max(128),
  observedAt: Instant,
  seq: z.int().nonnegative().optional(),
  location: Location.optional(),
  measures: z.record(z.string(), z.number()),
  /** City time at which it was accepted; equals `observedAt` for history given as such. */
  receivedAt: Instant,
  quality: z.strictObject({ flags: z.array(z.string()), confidence: z.number().min(0).max(1) }),
  /** The values as sent, where a unit was converted: `{ speed: { value: 40, unit: 'HM' } }`. */
  original: z.record(z.string(), z.strictObject({ value: z.number(), unit: z.string() })).optional(),
})
export type AcceptedReading = z.infer<typeof AcceptedReadingSchema>

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNumberIn = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && value >= min && value <= max

const isInstant = (value: unknown): boolean => typeof value === 'string' && isCanonicalInstant(value)

const isLocation = (value: unknown): boolean => {
  if (!isObject(value) || value.type !== 'Point' || !Array.isArray(value.coordinates)) return false
  const [longitude, latitude] = value.coordinates
  for (const name in value) if (name !== 'type' && name !== 'coordinates') return false
  return value.coordinates.length === 2 && isNumberIn(longitude, -180, 180) && isNumberIn(latitude, -90, 90)
}

const isMeasures = (value: unknown): boolean => {
  if (!isObject(value)) return false
  for (const name in value) if (!Number.isFinite(value[name])) return false
  return true
}

const isQuality = (value: unknown): boolean => {
  if (!isObject(value) || !Array.isArray(value.flags) || !isNumberIn(value.confidence, 0, 1)) return false
  for (const name in value) if (name !== 'flags' && name !== 'confidence') return false
  return value.flags.every((flag) => typeof flag === 'string')
}

const isField = (name: string, value: unknown): boolean => {
  switch (name) {
    case 'device':
      return typeof value === 'string' && value.length >= 1 && value.length <= 128
    case 'observedAt':
    case 'receivedAt':
      return isInstant(value)
    case 'seq':
      return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)
    case 'location':
      return value === undefined || isLocation(value)
    case 'measures':
      return isMeasures(value)
    case 'quality':
      return isQuality(value)
    case 'original':
      return value === undefined || AcceptedReadingSchema.shape.original.safeParse(value).success
    default:
      return false
  }
}

/** Says the same as the schema of an accepted reading, several times faster. */
export const isAcceptedReading = (value: unknown): value is AcceptedReading => {
  if (!isObject(value)) return false
  for (const name in value) if (!isField(name, value[name])) return false
  return (
    'device' in value && 'observedAt' in value && 'receivedAt' in value && 'measures' in value && 'quality' in value
  )
}

/** What `readings` carries: a reading in canonical units, as `ingest` accepted it. */
export const AcceptedReading: z.ZodType<AcceptedReading> = z.custom<AcceptedReading>().check((context) => {
  // Every reading passes here on each of its hops: only the rare wrong one pays for the words.
  if (isAcceptedReading(context.value)) return
  const issues = AcceptedReadingSchema.safeParse(context.value).error?.issues ?? []
  for (const issue of issues) context.issues.push({ ...issue, input: context.value } as z.core.$ZodRawIssue)
})

/** `<device>@<observedAt>` plus `#<seq>` if given. */
export const readingId = (reading: Pick<AcceptedReading, 'device' | 'observedAt' | 'seq'>): string =>
  `${reading.device}@${reading.observedAt}${reading.seq === undefined ? '' : `#${reading.seq}`}`
