import type { ProfileSlot, SegmentDevices } from '#shared/contracts/page.ts'
import type { PastState } from '#shared/contracts/traffic-status.ts'

/** A segment's last 24 hours, what is usual there at these times, and the devices that measure it. */
export interface Past {
  from: number
  to: number
  states: PastState[]
  slots: ProfileSlot[]
  /** What is usual in the hour after. */
  ahead: ProfileSlot[]
  devices: SegmentDevices['devices']
}
