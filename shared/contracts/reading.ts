import { z } from 'zod'

/** What `readings` carries: a reading in canonical units, as `ingest` accepted it. */
export const AcceptedReading = z.strictObject({
  device: z.string().min(1).max(128),
  /** UTC with milliseconds. */
  observedAt: z.iso.datetime({ precision: 3 }),
  seq: z.int().nonnegative().optional(),
  location: z
    .strictObject({
      type: z.literal('Point'),
      coordinates: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
    })
    .optional(),
  measures: z.record(z.string(), z.number()),
  /** City time at which it was accepted, UTC with milliseconds; equals `observedAt` for history given as such. */
  receivedAt: z.iso.datetime({ precision: 3 }),
  quality: z.strictObject({ flags: z.array(z.string()), confidence: z.number().min(0).max(1) }),
  /** The values as sent, where a unit was converted: `{ speed: { value: 40, unit: 'HM' } }`. */
  original: z.record(z.string(), z.strictObject({ value: z.number(), unit: z.string() })).optional(),
})
export type AcceptedReading = z.infer<typeof AcceptedReading>

/** `<device>@<observedAt>` plus `#<seq>` if given. */
export const readingId = (reading: Pick<AcceptedReading, 'device' | 'observedAt' | 'seq'>): string =>
  `${reading.device}@${reading.observedAt}${reading.seq === undefined ? '' : `#${reading.seq}`}`
