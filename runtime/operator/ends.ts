import { setTimeout as sleep } from 'node:timers/promises'
import type { Bus, PartitionEnd } from '#shared/bus/port.ts'

const PATIENCE_MS = 1_000

/** Asks for the ends of topics; a status is told the last known ones where the broker does not answer soon. */
export const rememberEnds = (bus: Bus, topics: string[]): (() => Promise<PartitionEnd[]>) => {
  let last: PartitionEnd[] = []
  return async () => {
    const asked = bus.ends(topics).then(
      (ends) => {
        last = ends
      },
      () => {},
    )
    await Promise.race([asked, sleep(PATIENCE_MS, undefined, { ref: false })])
    return last
  }
}
