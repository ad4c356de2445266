import type { Lease, Leases } from '#shared/bus/lease.ts'
import type { Time } from './types.ts'

/** What one of all connectors does once an hour. */
export interface Upkeep {
  /** Does what is due, without waiting for it. */
  look(): Promise<void>
  leave(): Promise<void>
}

/** What upkeep needs. */
export interface UpkeepOptions {
  /** Answers whether it is done, and never rejects. */
  work(): Promise<boolean>
  leases: Leases
  time: Time
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const POOL = 'housekeeping'

/** Begins with the first look at which it is this connector's; what failed is tried again after a minute. */
export function hourly({ work, leases, time }: UpkeepOptions): Upkeep {
  let lease: Lease | undefined
  let mine = false
  let dueAt = 0
  return {
    async look() {
      lease ??= await leases.join(POOL, [POOL], (part) => {
        mine = part.length > 0
      })
      const lookedAt = time.now()
      if (!mine || lookedAt < dueAt) return
      dueAt = lookedAt + HOUR_MS
      void work().then((isDone) => {
        if (!isDone) dueAt = time.now() + MINUTE_MS
      })
    },
    async leave() {
      await lease?.leave()
    },
  }
}
