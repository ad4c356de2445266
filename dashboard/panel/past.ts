import type { ProfileSlot, SegmentDevices } from '#shared/contracts/page.ts'
import type { PastState } from '#shared/contracts/traffic-status.ts'

/** A segment's last 24 hours, what is usual there at these times, and the devices that measure it. */
export interface Past {
  from: number
  to: number
  states: PastState[]
  slots: ProfileSlot[]
  devices: SegmentDevices['devices']
}

/** What is known of a segment's past. */
export interface PastKnown {
  /** Undefined until it could be read once: nothing read is not the same as nothing there. */
  past: Past | undefined
  /** The newest of it could not be read. */
  failed: boolean
}

/** Before the first read. */
export const UNREAD: PastKnown = { past: undefined, failed: false }

/** What is known after a read, undefined where it failed: what was read before stays. */
export const afterRead = (before: PastKnown, read: Past | undefined): PastKnown =>
  read ? { past: read, failed: false } : { past: before.past, failed: true }
