import type { createCrowd, Replica } from './machine-crowd.ts'

export type RetireRule = (replica: Replica, now: number, idleMs: number) => boolean

type Crowd = ReturnType<typeof createCrowd>

/** Only a replica with nothing in flight, untouched for the idle time, may retire. */
export const retireWhenIdle: RetireRule = (replica, now, idleMs) =>
  replica.inflight === 0 && now - replica.lastTouch > idleMs

const serves = ({ phase }: Replica): boolean => phase === 'ready' || phase === 'unready'

/** Whether the function as a whole may go to sleep: what it keeps while awake goes together or not at all. */
export const isEveryOneIdle = (crowd: Crowd, mayRetire: RetireRule, now: number, idleMs: number): boolean => {
  let any = false
  for (const replica of crowd.values()) {
    if (replica.phase === 'starting') return false
    if (!serves(replica)) continue
    if (!mayRetire(replica, now, idleMs)) return false
    any = true
  }
  return any
}

/** When the next replica may retire: one beyond `floor` by itself, the others when the last of them has been idle long enough. */
export const idleDue = (crowd: Crowd, { min, idleMs }: { min: number; idleMs: number }, floor: number): number => {
  let [first, last, busy, serving] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false, 0]
  for (const replica of crowd.values()) {
    if (replica.phase === 'starting') busy = true
    if (!serves(replica)) continue
    serving++
    if (replica.inflight > 0) busy = true
    else first = Math.min(first, replica.lastTouch)
    last = Math.max(last, replica.lastTouch)
  }
  if (serving > Math.max(min, floor)) return first + idleMs + 1
  return serving > min && !busy ? last + idleMs + 1 : Number.POSITIVE_INFINITY
}
