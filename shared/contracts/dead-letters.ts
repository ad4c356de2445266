import { z } from 'zod'

const count = z.int().nonnegative()

/** Every reason a dead letter can have (the table's own check names the same). */
export const deadLetterReasons = [
  'decode',
  'validation',
  'oversize',
  'time_out_of_range',
  'identity_mismatch',
  'rejected_by_function',
  'attempts_exhausted',
  'too_old',
] as const

/** One open dead letter as an operator's list shows it. */
export const DeadLetterSummary = z.strictObject({
  id: z.uuid(),
  consumer: z.string(),
  topic: z.string().nullable(),
  eventId: z.string().nullable(),
  /** Names a part within the event. */
  part: z.string().nullable(),
  reason: z.string(),
  error: z.string(),
  attempts: count,
  replays: count,
  firstSeen: z.iso.datetime(),
  /** The beginning of the event's data; what is no text is in hexadecimal. */
  preview: z.string(),
  /** Of the whole data. */
  bytes: count,
})
export type DeadLetterSummary = z.infer<typeof DeadLetterSummary>

/** What `GET /system/junction/dead-letters` answers: open ones, newest first. */
export const DeadLetterPage = z.strictObject({
  /** How many the filter finds, on all pages. */
  total: count,
  /** How many of each reason there are, whichever reason is asked for. */
  byReason: z.record(z.string(), count),
  deadLetters: z.array(DeadLetterSummary),
  /** The `after` of the next page; null on the last. */
  next: z.uuid().nullable(),
})
export type DeadLetterPage = z.infer<typeof DeadLetterPage>

/** What came of one replay: `POST /system/junction/dead-letters/{id}/replay`. */
export const ReplayOutcome = z.strictObject({
  id: z.uuid(),
  consumer: z.string(),
  eventId: z.string().nullable(),
  /** `resolved`: its function has it. `failed`: it refused again. `refused`: replayed too often. `undelivered`: nobody answered. */
  outcome: z.enum(['resolved', 'failed', 'refused', 'undelivered']),
  detail: z.string(),
})
export type ReplayOutcome = z.infer<typeof ReplayOutcome>
