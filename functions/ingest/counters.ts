import type { Acceptance } from '#shared/contracts/accept.ts'
import { formatInstant } from '#shared/contracts/instant.ts'
import type { AcceptedReading } from '#shared/contracts/reading.ts'
import type { HttpContext } from '#shared/function/define.ts'

/** Counts readings that are durable; one that is sent again counts again. */
export type CountAccepted = (readings: AcceptedReading[], how: Pick<Acceptance, 'now' | 'historical'>) => void

/** Opens the counters of accepted readings that are out of the ordinary. */
export function countAccepted({ counter, settings }: Pick<HttpContext, 'counter' | 'settings'>): CountAccepted {
  const late = counter('readings_late_total', 'Readings accepted later than LATE_AFTER after their observation')
  const flagged = counter('readings_flagged_total', 'Readings accepted with a value out of range')
  return (readings, { now, historical }) => {
    const lateBefore = historical ? '' : formatInstant(now - settings.lateAfterMs)
    let [lates, flags] = [0, 0]
    for (const { observedAt, quality } of readings) {
      if (observedAt < lateBefore) lates++
      if (quality.flags.some((flag) => flag.startsWith('range:'))) flags++
    }
    if (lates > 0) late(lates)
    if (flags > 0) flagged(flags)
  }
}
