import { z } from 'zod'
import { LAGS } from '#models/traffic/features.ts'
import { parseInstant } from '#shared/contracts/instant.ts'
import { issueText } from '#shared/contracts/issue-text.ts'
import { type FieldError, pointerStep } from '#shared/contracts/problem.ts'

/** Forecasts asked for in one call at most. */
export const MOST = 1_000

const segment = z.string().min(1).max(128)

/** The last readings of one place. */
export const SentSeries = z.strictObject({
  /** Of the statistics of the model; any other name is unknown to it. */
  segment,
  /** UN/CEFACT code; that of the model unless given. */
  unit: z.string().min(1).max(8).optional(),
  /** When the newest value was measured, or its step began: RFC 3339 with a zone. */
  until: z
    .string()
    .max(40)
    .refine((text) => parseInstant(text) !== undefined, 'must be an instant with its zone, as 2026-03-02T07:55:00Z'),
  /** One a step of the model, newest last; null where nothing was measured. */
  values: z.array(z.number().min(0).max(1_000_000).nullable()).length(LAGS),
})
export type SentSeries = z.infer<typeof SentSeries>

/** What a forecast is asked for: segments of the city from what it knows of them, or any series of readings. */
export const Question = z.strictObject({
  segments: z.array(segment).min(1).max(MOST).optional(),
  series: z.array(SentSeries).min(1).max(MOST).optional(),
})

/** A question as it is asked. */
export type Asked = { segments: string[] } | { series: SentSeries[] }

/** Reads a question; what is wrong with it is said in words for whoever asked. */
export function readQuestion(value: unknown): Asked | FieldError[] {
  const parsed = Question.safeParse(value, { error: issueText })
  if (!parsed.success) return parsed.error.issues.flatMap(errorsOf)
  const { segments, series } = parsed.data
  if (segments && !series) return { segments }
  if (series && !segments) return { series }
  return [{ path: '', message: 'must hold either segments or series' }]
}

function errorsOf(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map((step) => pointerStep(String(step))).join('')
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
  return issue.keys.map((key) => ({ path: path + pointerStep(key), message: 'is not a known field' }))
}
