import { z } from 'zod'

const offset = z.string().regex(/^\d{1,19}$/, 'an offset')

/** What `POST /system/junction/redeliver` is asked: to set the positions of a consumer in a topic. */
export const RedeliveryRequest = z.strictObject({
  topic: z.string(),
  consumer: z.string(),
  /** An offset, an instant of the real time at which events were appended, or an end of what is retained. */
  from: z.union([offset, z.iso.datetime({ offset: true }), z.enum(['earliest', 'latest'])]),
  /** All of them unless given. */
  partition: z.int().nonnegative().optional(),
  /** Positions may go forth, too: what lies between is never delivered. */
  forward: z.boolean().default(false),
  dryRun: z.boolean().default(false),
})
export type RedeliveryRequest = z.infer<typeof RedeliveryRequest>

/** What it answers: where each position was and is now; offsets as decimal strings. */
export const Redelivery = z.strictObject({
  topic: z.string(),
  consumer: z.string(),
  dryRun: z.boolean(),
  partitions: z.array(
    z.strictObject({
      partition: z.int().nonnegative(),
      was: offset,
      now: offset,
      /** Events that come again; fewer where offsets have holes. */
      again: offset,
      /** Events that will never come. */
      skipped: offset,
    }),
  ),
})
export type Redelivery = z.infer<typeof Redelivery>
