import { useEffect, useState } from 'react'
import type { ProfileSlot, SegmentDevices } from '#shared/contracts/page.ts'
import type { PastState } from '#shared/contracts/traffic-status.ts'
import type { CityClient, Range } from '../traffic/client.ts'
import { nextWindow } from '../traffic/clock.ts'

const DAY = 24 * 60 * 60 * 1000
const TRY_AGAIN_MS = 5000

/** A segment's last 24 hours, what is usual there at these times, and the devices that measure it. */
export interface Past {
  from: number
  to: number
  states: PastState[]
  slots: ProfileSlot[]
  devices: SegmentDevices['devices']
  /** The newest of it could not be read. */
  failed: boolean
}

/** Reads a segment's past, and again with every window; undefined until it came. */
export function usePast(
  client: CityClient,
  segment: string,
  asOf: number,
  windowMs: number | undefined,
): Past | undefined {
  const [past, setPast] = useState<Past>()
  const [failures, setFailures] = useState(0)
  const to = windowMs === undefined ? undefined : nextWindow(asOf, windowMs)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a failure is what makes it read again
  useEffect(() => {
    if (to === undefined) return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const from = to - DAY
    const range: Range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
    const read = Promise.all([
      client.history(segment, range, stop.signal),
      client.profile(segment, range, stop.signal),
      client.devices(segment, stop.signal),
    ])
    read.then(
      ([states, slots, devices]) => {
        if (!stop.signal.aborted) setPast({ from, to, states, slots, devices, failed: false })
      },
      () => {
        if (stop.signal.aborted) return
        setPast((last) => ({ ...(last ?? { from, to, states: [], slots: [], devices: [] }), failed: true }))
        timer = setTimeout(() => setFailures((count) => count + 1), TRY_AGAIN_MS)
      },
    )
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [client, segment, to, failures])
  return past
}
