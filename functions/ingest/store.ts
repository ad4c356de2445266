import type { AcceptedReading } from '#shared/contracts/reading.ts'
import { classify } from '#shared/function/classify.ts'
import type { HttpContext } from '#shared/function/define.ts'

/** Readings of one request that are appended together: one flush of the log. */
const GROUP = 1_000

/** Why a reading was not stored, as the status of its answer. */
export interface NotStored {
  status: 413 | 422 | 503
  code: string
  message: string
  retryAfterMs: number
}

type Emit = HttpContext['emit']

const notStored = (error: unknown): NotStored => {
  const { status, code, retryable, retryAfterMs = 1_000 } = classify(error)
  if (code === 'unexpected') throw error
  if (!retryable)
    return { status: status === 413 ? 413 : 422, code, message: 'the log refuses this reading', retryAfterMs }
  const message = code === 'throttled' ? 'too much is waiting to be stored' : 'nothing can be stored now'
  return { status: 503, code, message, retryAfterMs }
}

const emitGroup = async (emit: Emit, readings: AcceptedReading[]): Promise<(NotStored | undefined)[]> => {
  try {
    await emit(readings.map((data) => ({ topic: 'readings', data })))
    return readings.map(() => undefined)
  } catch (error) {
    const why = notStored(error)
    if (readings.length === 1 || why.status === 503) return readings.map(() => why)
    // One of them is refused for good: each alone, so that it fails no other.
    return (await Promise.all(readings.map((reading) => emitGroup(emit, [reading])))).flat()
  }
}

/**
 * Emits the readings and says of each why it was not stored, or undefined once it is durable. Where a group cannot be
 * stored now, those after it are not tried: each would wait as long, and the request has one deadline.
 */
export const store = async (emit: Emit, readings: AcceptedReading[]): Promise<(NotStored | undefined)[]> => {
  const results: (NotStored | undefined)[] = []
  let away: NotStored | undefined
  for (let start = 0; start < readings.length; start += GROUP) {
    const group = readings.slice(start, start + GROUP)
    const outcomes = away === undefined ? await emitGroup(emit, group) : group.map(() => away)
    away ??= outcomes.find((one) => one?.status === 503)
    results.push(...outcomes)
  }
  return results
}
