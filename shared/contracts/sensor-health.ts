import { z } from 'zod'

/**
 * What can be wrong with a sensor: nothing was observed for SILENT_AFTER; in the last 24 hours readings were refused or
 * held a value out of range; in the last 24 hours readings came late. In this order a sensor is listed by its worst.
 */
export const SensorTrouble = z.enum(['silent', 'malformed', 'late'])
export type SensorTrouble = z.infer<typeof SensorTrouble>

/** What an operator can ask for: a trouble, or none. */
export const SensorState = z.enum([...SensorTrouble.options, 'ok'])
export type SensorState = z.infer<typeof SensorState>

const count = z.int().nonnegative()

/** The newest reading of a sensor that was refused. */
export const Refusal = z.strictObject({
  at: z.iso.datetime(),
  /** The problem's code. */
  code: z.string(),
  error: z.string(),
})
export type Refusal = z.infer<typeof Refusal>

/** How one sensor is at city time. */
export const SensorHealth = z.strictObject({
  device: z.string(),
  /** Null where it stands on no road. */
  segment: z.string().nullable(),
  /** Every trouble it has, or `ok` alone. */
  states: z.array(SensorState).min(1),
  /** Null where it was never heard of. */
  lastObservedAt: z.iso.datetime().nullable(),
  /** City time of its newest arrival; null where there was none but history. */
  lastReceivedAt: z.iso.datetime().nullable(),
  late24h: count,
  refused24h: count,
  /** Readings kept with a value out of range. */
  flagged24h: count,
  /** The newest of the last seven days. */
  lastRefusal: Refusal.nullable(),
})
export type SensorHealth = z.infer<typeof SensorHealth>

/** What `GET /api/operator/sensors` answers: the troubled first, then by name. */
export const SensorHealthPage = z.strictObject({
  /** City time of this answer. */
  asOf: z.iso.datetime(),
  silentAfterMs: z.int().positive(),
  /** Sensors in each state, whatever was asked for; one with two troubles is in both. */
  counts: z.strictObject({ ok: count, silent: count, malformed: count, late: count }),
  /** Readings refused that name no known sensor, or one their caller may not speak for. */
  strangers: z.strictObject({ refused24h: count, lastRefusal: Refusal.nullable() }),
  sensors: z.array(SensorHealth),
})
export type SensorHealthPage = z.infer<typeof SensorHealthPage>
